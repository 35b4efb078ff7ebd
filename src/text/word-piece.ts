// The WordPiece tokenizer: words cut into the longest pieces that the vocabulary has. Knows nothing of training or files.
import { TokenizerError } from '../core/errors.js';
import { AddedTokens } from './added-tokens.js';
import { type BertNormalization, BertNormalizer } from './bert-normalizer.js';
import { type Encoding, EncodingBuilder } from './offsets.js';
import { tokenizerFile } from './tokenizer-file.js';
import type { StreamDecoder, Tokenizer } from './tokenizer.js';
import { wellFormed } from './unicode.js';
import { unknownId, Vocabulary } from './vocabulary.js';

/** Words of more characters are unknown as a whole. */
const longestWord = 100;
/** Words are remembered with their pieces, up to this many; then the memory starts afresh. */
const cachedWords = 1 << 16;

/** Everything in lower case and without accents: that of `bert-base-uncased` and `bert-base-chinese`. */
export const uncased: BertNormalization = {
  cleanText: true,
  splitChinese: true,
  stripAccents: true,
  lowercase: true,
};

export interface WordPieceOptions {
  /** Pieces and added tokens. Pieces inside of words begin with `prefix`. */
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly addedTokens?: AddedTokens;
  /** `[UNK]` by default. */
  readonly unknownToken?: string;
  /** `##` by default. */
  readonly prefix?: string;
  /** `uncased` by default. */
  readonly normalization?: BertNormalization;
  /** Kept for `toJSON`; `encode` adds no tokens of its own. */
  readonly postProcessor?: unknown;
}

/**
 * WordPiece: BERT's normalization and words, each word cut greedily into the longest pieces from its start; a word that cannot be
 * cut is unknown. Source: Devlin et al. 2019, `tokenization.py`; ids equal those of Hugging Face `tokenizers`. Decoding
 * puts spaces between words, but none before punctuation nor beside Chinese characters.
 */
export class WordPieceTokenizer implements Tokenizer {
  readonly kind = 'word-piece';
  readonly vocabularySize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly lossless = false;
  private readonly options: WordPieceOptions;
  private readonly added: AddedTokens;
  private readonly vocabulary: Vocabulary;
  private readonly normalizer: BertNormalizer;
  private readonly prefix: string;
  private readonly unknownId: number;
  /** The pieces inside of words, without the prefix. */
  private readonly inside: ReadonlyMap<string, number>;
  /** No piece has more characters. */
  private readonly longest: number;
  private readonly cache = new Map<string, Pieces>();

  /** @throws {TokenizerError} when two tokens share an id, or the unknown token has none */
  constructor(options: WordPieceOptions) {
    this.options = options;
    this.added = options.addedTokens ?? new AddedTokens([]);
    this.vocabulary = new Vocabulary(new Map([...options.vocabulary, ...this.added.ids]));
    this.vocabularySize = this.vocabulary.size;
    this.specialTokens = this.added.special;
    this.normalizer = new BertNormalizer(options.normalization ?? uncased);
    this.prefix = options.prefix ?? '##';
    const { unknownToken = '[UNK]' } = options;
    const unknown = this.idOf(unknownToken);
    if (unknown === undefined) {
      const problem = `The unknown token ${JSON.stringify(unknownToken)} is not in the vocabulary. Make it one of the special tokens.`;
      throw new TokenizerError(problem, { fields: { token: unknownToken } });
    }
    this.unknownId = unknown;
    const pieces = [...options.vocabulary];
    this.inside = new Map(
      pieces.flatMap(([piece, id]) =>
        piece.startsWith(this.prefix) ? [[piece.slice(this.prefix.length), id]] : [],
      ),
    );
    this.longest = pieces.reduce((longest, [piece]) => Math.max(longest, piece.length), 1);
  }

  encode(text: string): Int32Array {
    const ids: number[] = [];
    for (const segment of this.added.segments(wellFormed(text))) {
      if (segment.token !== undefined) ids.push(segment.token.id);
      else
        this.normalizer.eachWord(segment.text, (word) => {
          for (const id of this.piecesOf(word).ids) ids.push(id);
        });
    }
    return Int32Array.from(ids);
  }

  encodeWithOffsets(text: string): Encoding {
    const encoding = new EncodingBuilder();
    for (const { text: plain, start: offset, token } of this.added.segments(wellFormed(text))) {
      if (token !== undefined) encoding.add(token.id, offset, offset + plain.length);
      else
        this.normalizer.eachWord(plain, (word, start, end) => {
          const characters = this.normalizer.charactersOf(plain, start, end);
          const { ids, lengths } = this.piecesOf(word);
          let at = 0;
          ids.forEach((id, i) => {
            const length = lengths[i] ?? 0;
            const first = characters[at]?.start ?? start;
            at += length;
            encoding.add(id, offset + first, offset + (characters[at - 1]?.end ?? end));
          });
        });
    }
    return encoding.build();
  }

  decode(ids: ArrayLike<number>): string {
    const decoder = this.streamDecoder();
    return Array.from(ids, (id) => decoder.push(id)).join('') + decoder.end();
  }

  streamDecoder(): StreamDecoder {
    let before: string | undefined;
    const push = (id: number): string => {
      const token = this.vocabulary.tokenOf(id);
      if (token === undefined) throw unknownId(id, this.vocabularySize);
      const inside = token.startsWith(this.prefix);
      const text = inside ? token.slice(this.prefix.length) : token;
      const spaced = before !== undefined && !inside && needsSpace(before, text);
      before = text;
      return spaced ? ` ${text}` : text;
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
    const { cleanText, splitChinese, stripAccents, lowercase } = this.normalizer.normalization;
    const vocab = [...this.options.vocabulary].sort(([, a], [, b]) => a - b);
    return tokenizerFile({
      addedTokens: this.added.tokens,
      normalizer: {
        type: 'BertNormalizer',
        clean_text: cleanText,
        handle_chinese_chars: splitChinese,
        strip_accents: stripAccents,
        lowercase,
      },
      preTokenizer: { type: 'BertPreTokenizer' },
      postProcessor: this.options.postProcessor,
      decoder: { type: 'WordPiece', prefix: this.prefix, cleanup: true },
      model: {
        type: 'WordPiece',
        unk_token: this.tokenOf(this.unknownId),
        continuing_subword_prefix: this.prefix,
        max_input_chars_per_word: longestWord,
        vocab: Object.fromEntries(vocab),
      },
    });
  }

  private piecesOf(word: string): Pieces {
    const known = this.cache.get(word);
    if (known !== undefined) return known;
    if (this.cache.size === cachedWords) this.cache.clear();
    const pieces = this.cut(word);
    this.cache.set(word, pieces);
    return pieces;
  }

  private cut(word: string): Pieces {
    const characters = Array.from(word);
    const pieces: Pieces = { ids: [], lengths: [] };
    for (let start = 0; start < characters.length;) {
      const piece = characters.length > longestWord ? undefined : this.longestPiece(characters, start);
      if (piece === undefined) return { ids: [this.unknownId], lengths: [characters.length] };
      pieces.ids.push(piece.id);
      pieces.lengths.push(piece.length);
      start += piece.length;
    }
    return pieces;
  }

  private longestPiece(
    characters: readonly string[],
    start: number,
  ): { id: number; length: number } | undefined {
    const pieces = start === 0 ? this.options.vocabulary : this.inside;
    let text = characters.slice(start, start + this.longest).join('');
    for (let end = Math.min(characters.length, start + this.longest); end > start; end--) {
      const id = pieces.get(text);
      if (id !== undefined) return { id, length: end - start };
      text = text.slice(0, -(characters[end - 1]?.length ?? 1));
    }
    return undefined;
  }
}

/** The pieces of a word, with the number of characters of each. */
interface Pieces {
  readonly ids: number[];
  readonly lengths: number[];
}

const closing = /^[.,;:!?%)\]}»”’…]|^'(?:s|t|m|d|re|ve|ll)$/u;
const opening = /[([{«“‘]$/u;
const chinese = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303F\uFF00-\uFF65]/u;
const wide = /^[\u3000-\u303F\uFF00-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65]/u;

/** Whether a space stands between two words when they are written down. */
function needsSpace(before: string, text: string): boolean {
  if (closing.test(text) || opening.test(before) || wide.test(text) || wide.test(before)) return false;
  const [left, right] = [chinese.test(before), chinese.test(text)];
  return !(left && right) && !(left && opening.test(text)) && !(right && /^[”’»]/.test(before));
}
