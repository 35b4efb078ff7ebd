// The word tokenizer: one id for each word between white space. Knows nothing of parts of words.
import { TokenizerError } from '../core/errors.js';
import { AddedTokens } from './added-tokens.js';
import { type Encoding, EncodingBuilder } from './offsets.js';
import { tokenizerFile } from './tokenizer-file.js';
import type { StreamDecoder, Tokenizer } from './tokenizer.js';
import { wellFormed } from './unicode.js';
import { unknownId, Vocabulary } from './vocabulary.js';

export interface WordTokenizerOptions {
  /** Words and added tokens. */
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly addedTokens?: AddedTokens;
  /** The token for words outside the vocabulary; without one they are an error. */
  readonly unknownToken?: string | undefined;
  /** The token for a line break; without one a line break is white space like any other. */
  readonly endOfLineToken?: string | undefined;
}

/** Runs of what is not white space, ... */
const wordPattern = /\P{White_Space}+/gu;
/** ... and line breaks as words of their own. */
const wordOrLinePattern = /\n|\P{White_Space}+/gu;

/** The words of a text. White space is Unicode's White_Space. */
export function wordsOf(text: string): readonly string[] {
  return text.match(wordPattern) ?? [];
}

/**
 * One token for each word as it stands between white space, case and punctuation included: the tokens of word-level
 * benchmarks such as the Penn Treebank, where a line break is `<eos>` and a rare word `<unk>` (Mikolov et al. 2010).
 * Decoding puts one space between words. Ids equal those of a Hugging Face `WordLevel` model.
 */
export class WordTokenizer implements Tokenizer {
  readonly kind = 'word';
  readonly vocabularySize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly lossless = false;
  readonly unknownToken: string | undefined;
  readonly endOfLineToken: string | undefined;
  private readonly added: AddedTokens;
  private readonly vocabulary: Vocabulary;

  /** @throws {TokenizerError} when two tokens share an id, or the unknown or end-of-line token has none */
  constructor({ vocabulary, addedTokens, unknownToken, endOfLineToken }: WordTokenizerOptions) {
    this.added = addedTokens ?? new AddedTokens([]);
    this.vocabulary = new Vocabulary(new Map([...vocabulary, ...this.added.ids]));
    this.vocabularySize = this.vocabulary.size;
    this.specialTokens = this.added.special;
    this.unknownToken = unknownToken;
    this.endOfLineToken = endOfLineToken;
    for (const token of [unknownToken, endOfLineToken]) {
      if (token === undefined || this.idOf(token) !== undefined) continue;
      const problem = `The token ${JSON.stringify(token)} is not in the vocabulary. Make it one of the special tokens.`;
      throw new TokenizerError(problem, { fields: { token } });
    }
  }

  encode(text: string): Int32Array {
    const ids: number[] = [];
    for (const segment of this.added.segments(wellFormed(text))) {
      if (segment.token !== undefined) ids.push(segment.token.id);
      else for (const word of segment.text.match(this.pattern) ?? []) ids.push(this.idOfWord(word));
    }
    return Int32Array.from(ids);
  }

  encodeWithOffsets(text: string): Encoding {
    const encoding = new EncodingBuilder();
    for (const { text: plain, start: offset, token } of this.added.segments(wellFormed(text))) {
      if (token !== undefined) encoding.add(token.id, offset, offset + plain.length);
      const words = token === undefined ? plain.matchAll(this.pattern) : [];
      for (const { 0: word, index } of words) {
        encoding.add(this.idOfWord(word), offset + index, offset + index + word.length);
      }
    }
    return encoding.build();
  }

  decode(ids: ArrayLike<number>): string {
    const decoder = this.streamDecoder();
    return Array.from(ids, (id) => decoder.push(id)).join('') + decoder.end();
  }

  streamDecoder(): StreamDecoder {
    let lineBegins = true;
    const push = (id: number): string => {
      const word = this.vocabulary.tokenOf(id);
      if (word === undefined) throw unknownId(id, this.vocabularySize);
      const endsLine = word === this.endOfLineToken;
      const text = endsLine ? '\n' : lineBegins ? word : ` ${word}`;
      lineBegins = endsLine;
      return text;
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
    const vocab = [...this.vocabulary.entries()].sort(([, a], [, b]) => a - b);
    return tokenizerFile({
      addedTokens: this.added.tokens,
      normalizer: this.endOfLineToken === undefined ? null : endOfLineNormalizer(this.endOfLineToken),
      preTokenizer: { type: 'WhitespaceSplit' },
      decoder: null,
      model: {
        type: 'WordLevel',
        unk_token: this.unknownToken ?? null,
        vocab: Object.fromEntries(vocab),
      },
    });
  }

  private get pattern(): RegExp {
    return this.endOfLineToken === undefined ? wordPattern : wordOrLinePattern;
  }

  private idOfWord(word: string): number {
    const token = word === '\n' ? (this.endOfLineToken ?? word) : word;
    const id = this.idOf(token) ?? (this.unknownToken && this.idOf(this.unknownToken));
    if (typeof id === 'number') return id;
    const problem = `The word ${JSON.stringify(word)} is not in the vocabulary, and there is no unknown token. Train the tokenizer with one.`;
    throw new TokenizerError(problem, { fields: { word } });
  }
}

/** Writes the token of a line break into the text before it is cut into words, as the file format has it. */
function endOfLineNormalizer(token: string): Record<string, unknown> {
  return { type: 'Replace', pattern: { String: '\n' }, content: ` ${token} ` };
}
