// Cuts long texts into chunks of bounded token count that overlap if wished. Knows nothing of models.
import { ConfigError } from '../core/errors.js';
import { type Atom, atomsOf, lastWords } from './atoms.js';
import { sentenceParts } from './sentence-stream.js';
import { sentenceEnds } from './sentences.js';
import type { SpanOfText } from './span.js';
import type { Tokenizer } from './tokenizer.js';
import type { TextPieces } from './training.js';

export interface ChunkOptions {
  /** Tokens of a chunk at most, before the special tokens that a model may add around it. */
  readonly maxTokens: number;
  /** Tokens at the end of a chunk that the next one repeats, at most (elsewhere called stride or doc_stride); 0 by default. */
  readonly overlapTokens?: number;
}

/** A stretch of the source, `source.slice(start, end) === text`, with positions in UTF-16 units. */
export interface Chunk extends SpanOfText {
  readonly index: number;
  /** What was not in the chunk before: from here to `end`. Without overlap it is `start`. */
  readonly freshStart: number;
  /** Of `text`; at most `maxTokens`. */
  readonly ids: Int32Array;
}

type Encoder = Pick<Tokenizer, 'encode'>;

/**
 * Chunks that cover the text without a gap, each as many whole sentences as fit. A sentence that does not fit into one is
 * cut at lines, then clauses, words and characters (grapheme clusters); only a cluster that does not fit is cut between its code points.
 * A code fence of Markdown counts as one sentence, cut at lines when it does not fit. What overlaps are whole sentences if one
 * fits, otherwise the last words.
 *
 * @throws {ConfigError} when the sizes make no sense, or one character takes more than `maxTokens`
 *
 * @example
 * const chunks = [...chunkText(book, tokenizer, { maxTokens: 512, overlapTokens: 64 })];
 */
export function* chunkText(text: string, tokenizer: Encoder, options: ChunkOptions): Generator<Chunk> {
  const packer = new ChunkPacker(tokenizer, options);
  let start = 0;
  for (const end of sentenceEnds(text)) {
    yield* packer.push({ start, end, text: text.slice(start, end) });
    start = end;
  }
  yield* packer.end();
}

/** The chunks of `chunkText` from a text that streams by, in memory that does not grow with it. @throws {ConfigError} as `chunkText` */
export async function* streamChunks(
  pieces: TextPieces,
  tokenizer: Encoder,
  options: ChunkOptions,
): AsyncGenerator<Chunk> {
  const packer = new ChunkPacker(tokenizer, options);
  for await (const part of sentenceParts(pieces)) yield* packer.push(part);
  yield* packer.end();
}

/** Puts sentences together as long as they fit. */
class ChunkPacker {
  private readonly tokenizer: Encoder;
  private readonly maxTokens: number;
  private readonly overlapTokens: number;
  /** What the chunk that is being made consists of; the first `repeated` of them were in the one before. */
  private atoms: Atom[] = [];
  private repeated = 0;
  private tokens = 0;
  private index = 0;

  constructor(tokenizer: Encoder, { maxTokens, overlapTokens = 0 }: ChunkOptions) {
    const sensible =
      Number.isInteger(maxTokens) && maxTokens >= 1 && overlapTokens >= 0 && overlapTokens < maxTokens;
    if (!sensible) {
      const problem = `Chunks of ${maxTokens} tokens that overlap by ${overlapTokens} cannot be made. Give at least 1 token, and an overlap below that.`;
      throw new ConfigError(problem, { fields: { maxTokens, overlapTokens } });
    }
    this.tokenizer = tokenizer;
    this.maxTokens = maxTokens;
    this.overlapTokens = overlapTokens;
  }

  /** Takes the next part of the text; gives the chunks that are full. */
  *push(part: SpanOfText): Generator<Chunk> {
    const whole = { ...part, tokens: this.count(part.text) };
    if (whole.tokens <= this.maxTokens) return yield* this.add(whole);
    // Cut as coarsely as fits, so that a long sentence does not become a list of characters.
    for (const atom of atomsOf(part, this.maxTokens, (text) => this.count(text))) yield* this.add(atom);
  }

  *end(): Generator<Chunk> {
    while (this.atoms.length > this.repeated) yield this.close();
  }

  private count(text: string): number {
    return this.tokenizer.encode(text).length;
  }

  private *add(atom: Atom): Generator<Chunk> {
    while (this.atoms.length > 0 && this.tokens + atom.tokens > this.maxTokens) {
      // What is repeated gives way to what is new.
      if (this.atoms.length > this.repeated) yield this.close();
      else this.drop();
    }
    this.atoms.push(atom);
    this.tokens += atom.tokens;
  }

  private drop(): void {
    this.tokens -= this.atoms.shift()?.tokens ?? 0;
    this.repeated--;
  }

  /**
   * Makes a chunk of what is there, and keeps what the next one repeats. Sentences may take more tokens together than one by one,
   * so that the last ones may have to wait.
   */
  private close(): Chunk {
    let count = this.atoms.length;
    let text = textOf(this.atoms);
    let ids = this.tokenizer.encode(text);
    while (ids.length > this.maxTokens && count > this.repeated + 1) {
      text = textOf(this.atoms.slice(0, --count));
      ids = this.tokenizer.encode(text);
    }
    if (ids.length > this.maxTokens && this.repeated > 0) {
      this.drop();
      return this.close();
    }
    const used = this.atoms.slice(0, count);
    const start = used[0]?.start ?? 0;
    const freshStart = used[this.repeated]?.start ?? start;
    const left = this.atoms.slice(count);
    const kept = this.overlapOf(used);
    this.atoms = [...kept, ...left];
    this.repeated = kept.length;
    this.tokens = this.atoms.reduce((sum, { tokens }) => sum + tokens, 0);
    return { index: this.index++, start, freshStart, end: start + text.length, text, ids };
  }

  /** The last sentences that fit into the overlap, or the last words of the last one. */
  private overlapOf(atoms: readonly Atom[]): Atom[] {
    if (this.overlapTokens === 0) return [];
    const whole = lastThatFit(atoms, this.overlapTokens);
    const last = atoms.at(-1);
    if (whole.length > 0 || last === undefined) return whole;
    return lastWords(last, this.overlapTokens, (text) => this.count(text));
  }
}

function lastThatFit(atoms: readonly Atom[], tokens: number): Atom[] {
  let from = atoms.length;
  for (let left = tokens; from > 0; from--) {
    left -= atoms[from - 1]?.tokens ?? 0;
    if (left < 0) break;
  }
  // A chunk never repeats all of the one before.
  return atoms.slice(Math.max(from, 1));
}

function textOf(atoms: readonly Atom[]): string {
  return atoms.map(({ text }) => text).join('');
}
