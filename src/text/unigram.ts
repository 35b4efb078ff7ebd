// The Unigram tokenizer: words cut into the likeliest pieces. Knows nothing of training or files.
import { TokenizerError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { AddedTokens, type Segment } from './added-tokens.js';
import { type Encoding, EncodingBuilder } from './offsets.js';
import { codePointsOf } from './piece-trie.js';
import { tokenizerFile } from './tokenizer-file.js';
import type { StreamDecoder, Tokenizer } from './tokenizer.js';
import { type Segmentation, UnigramLattice } from './unigram-lattice.js';
import { unigramWords } from './unigram-words.js';
import { type NormalizationForm, wellFormed } from './unicode.js';
import { unknownId, Vocabulary } from './vocabulary.js';

/** Words are remembered with their pieces, up to this many; then the memory starts afresh. */
const cachedWords = 1 << 16;
/** Longer words are not remembered. In UTF-16 units. */
const longestCached = 64;

export interface UnigramOptions {
  /** In the order of their ids. A space is written `▁`. */
  readonly pieces: readonly string[];
  /** Logarithm of the probability of each piece. */
  readonly scores: ArrayLike<number>;
  readonly addedTokens?: AddedTokens;
  /** The piece for characters that have none; neighbours become one. Without it they are an error. */
  readonly unknownId?: number | undefined;
  /** Applied to the text first; `NFC` by default, `null` for none. */
  readonly normalizationForm?: NormalizationForm | null;
  /** Kept for `toJSON`; `encode` adds no tokens of its own. */
  readonly postProcessor?: unknown;
}

/**
 * Unigram language model over pieces: of all ways to cut a word the likeliest. Words are what spaces part; each starts with `▁`.
 * Source: Kudo 2018, "Subword Regularization"; ids equal those of Hugging Face `tokenizers` with a Metaspace pre-tokenizer.
 */
export class UnigramTokenizer implements Tokenizer {
  readonly kind = 'unigram';
  readonly vocabularySize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly lossless = false;
  private readonly options: UnigramOptions;
  private readonly added: AddedTokens;
  private readonly vocabulary: Vocabulary;
  private readonly lattice: UnigramLattice;
  private readonly form: NormalizationForm | null;
  private readonly cache = new Map<string, Segmentation>();

  /** @throws {TokenizerError} when two pieces are the same, or the unknown piece is none of them */
  constructor(options: UnigramOptions) {
    const { pieces, scores, unknownId: unknown } = options;
    this.options = options;
    this.added = options.addedTokens ?? new AddedTokens([]);
    const ids = new Map(pieces.map((piece, id) => [piece, id]));
    const twice = pieces.find((piece, id) => ids.get(piece) !== id);
    if (twice !== undefined) {
      throw new TokenizerError(
        `The piece ${JSON.stringify(twice)} stands twice in the vocabulary. Each needs one id.`,
      );
    }
    if (unknown !== undefined && pieces[unknown] === undefined) {
      const problem = `The unknown piece has the id ${unknown}, and there are ${pieces.length} pieces.`;
      throw new TokenizerError(problem, { fields: { id: unknown } });
    }
    this.vocabulary = new Vocabulary(new Map([...ids, ...this.added.ids]));
    this.vocabularySize = this.vocabulary.size;
    this.specialTokens = this.added.special;
    this.form = options.normalizationForm === undefined ? 'NFC' : options.normalizationForm;
    this.lattice = new UnigramLattice(pieces, scores);
  }

  encode(text: string): Int32Array {
    return this.encodeBy(text, (word) => this.bestOf(word));
  }

  /**
   * Ids of one of the ways to cut the text, drawn at random, so that a model sees the same word in many pieces while it learns (subword
   * regularization; Kudo 2018).
   * @param smoothing 1 draws from the model; smaller draws unlikely pieces more often. 0.1 to 0.5 in the paper
   */
  sample(text: string, random: Random, smoothing = 0.1): Int32Array {
    return this.encodeBy(text, (word) => this.lattice.sample(codePointsOf(word), random, smoothing));
  }

  encodeWithOffsets(text: string): Encoding {
    const encoding = new EncodingBuilder();
    for (const segment of this.added.segments(wellFormed(text))) {
      const { token, start: offset } = segment;
      if (token !== undefined) encoding.add(token.id, offset, offset + segment.text.length);
      else this.addPlain(segment, encoding);
    }
    return encoding.build();
  }

  decode(ids: ArrayLike<number>): string {
    const decoder = this.streamDecoder();
    return Array.from(ids, (id) => decoder.push(id)).join('') + decoder.end();
  }

  streamDecoder(): StreamDecoder {
    let atStart = true;
    const push = (id: number): string => {
      const token = this.vocabulary.tokenOf(id);
      if (token === undefined) throw unknownId(id, this.vocabularySize);
      const text = atStart ? token.replace(/^▁/, '') : token;
      atStart = false;
      return text.replaceAll('▁', ' ');
    };
    return { push, end: () => '' };
  }

  tokenOf(id: number): string | undefined {
    return this.vocabulary.tokenOf(id);
  }

  idOf(token: string): number | undefined {
    return this.vocabulary.idOf(token);
  }

  toJSON(): Record<string, unknown> {
    const { pieces, scores, postProcessor, unknownId: unknown } = this.options;
    const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
    return tokenizerFile({
      addedTokens: this.added.tokens,
      normalizer: this.form === null ? null : { type: this.form },
      preTokenizer: metaspace,
      postProcessor,
      decoder: metaspace,
      model: {
        type: 'Unigram',
        unk_id: unknown ?? null,
        vocab: pieces.map((piece, id) => [piece, scores[id]]),
        byte_fallback: false,
      },
    });
  }

  private encodeBy(text: string, cut: (word: string) => Segmentation): Int32Array {
    const ids: number[] = [];
    for (const { text: plain, token } of this.added.segments(wellFormed(text))) {
      if (token !== undefined) ids.push(token.id);
      else
        for (const { word } of unigramWords(plain, this.form)) {
          this.eachToken(word, cut(word), (id) => ids.push(id));
        }
    }
    return Int32Array.from(ids);
  }

  private addPlain({ text, start: offset }: Segment, encoding: EncodingBuilder): void {
    for (const { word, sourceOf } of unigramWords(text, this.form)) {
      this.eachToken(word, this.bestOf(word), (id, from, to) => {
        const { start, end } = sourceOf(from, to);
        encoding.add(id, offset + start, offset + end);
      });
    }
  }

  /** Tokens with their places in the word, in code points; neighbours without a piece are one token. */
  private eachToken(
    word: string,
    { ids, ends }: Segmentation,
    visit: (id: number, start: number, end: number) => void,
  ): void {
    let start = 0;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      if (id < 0 && ids[i + 1] === -1) continue;
      visit(id < 0 ? this.unknown(word) : id, start, ends[i] as number);
      start = ends[i] as number;
    }
  }

  private unknown(word: string): number {
    if (this.options.unknownId !== undefined) return this.options.unknownId;
    const problem = `${JSON.stringify(word)} has a character that is in no piece, and the tokenizer has no unknown token.`;
    throw new TokenizerError(problem, { fields: { word } });
  }

  private bestOf(word: string): Segmentation {
    const known = this.cache.get(word);
    if (known !== undefined) return known;
    const best = this.lattice.best(codePointsOf(word));
    if (word.length > longestCached) return best;
    if (this.cache.size === cachedWords) this.cache.clear();
    this.cache.set(word, best);
    return best;
  }
}
