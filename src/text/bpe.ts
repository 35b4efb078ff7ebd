// The byte-level BPE tokenizer: any text to ids and back. Knows nothing of training or files.
import { TokenizerError } from '../core/errors.js';
import { AddedTokens } from './added-tokens.js';
import { byteCharacters, bytesOfSpelling, spellBytes } from './byte-level.js';
import { type Merge, MergeRules } from './merge-rules.js';
import { type Encoding, EncodingBuilder } from './offsets.js';
import { ByteOrigins } from './origins.js';
import { PreTokenizer } from './pre-tokenizer.js';
import { bpeModel, tokenizerFile } from './tokenizer-file.js';
import type { StreamDecoder, Tokenizer } from './tokenizer.js';
import { decodeUtf8, encodeUtf8, type NormalizationForm, utf8StreamDecoder, wellFormed } from './unicode.js';
import { unknownId, Vocabulary } from './vocabulary.js';
import { WordTable } from './word-table.js';

/** Words of at most this many bytes are remembered with their tokens, ... */
const CACHED_WORD_BYTES = 64;
/** ... up to this many words; then the memory starts afresh. */
const CACHED_WORDS = 1 << 16;

export interface ByteLevelBpeOptions {
  /** Tokens spelled in the byte-level alphabet; may include the added tokens. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** The earliest learned first; at most 2^22. */
  readonly merges: readonly Merge[];
  readonly addedTokens?: AddedTokens;
  /** GPT-2's by default. */
  readonly preTokenizer?: PreTokenizer;
  readonly normalizationForm?: NormalizationForm | undefined;
  /** A word that is a token as a whole becomes that token, whatever the merges say (Llama 3). */
  readonly ignoreMerges?: boolean;
  /** Kept for `toJSON`; `encode` adds no tokens of its own. */
  readonly postProcessor?: unknown;
}

/**
 * Byte pair encoding over UTF-8 bytes: special tokens are kept whole, the rest is split into words, the bytes of each word are
 * merged in the order in which the merges were learned. Nothing is unknown. Lone surrogates become U+FFFD, as UTF-8 has none.
 * Source: Sennrich et al. 2016 (BPE), Radford et al. 2019, section 2.2 (bytes); ids equal those of Hugging Face `tokenizers`.
 */
export class ByteLevelBpeTokenizer implements Tokenizer {
  readonly kind = 'byte-level-bpe';
  readonly vocabularySize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly lossless: boolean;
  private readonly options: ByteLevelBpeOptions;
  private readonly added: AddedTokens;
  private readonly preTokenizer: PreTokenizer;
  private readonly vocabulary: Vocabulary;
  private readonly rules: MergeRules;
  /** What each id stands for. */
  private readonly bytes: readonly (Uint8Array | undefined)[];
  /** The id of each byte; -1 where there is none. */
  private readonly byteIds: Int32Array;
  private cachedWords = new WordTable();
  private cachedTokens: (readonly number[])[] = [];

  /** @throws {TokenizerError} when two tokens share an id */
  constructor(options: ByteLevelBpeOptions) {
    const { vocabulary, merges, normalizationForm } = options;
    this.options = options;
    this.added = options.addedTokens ?? new AddedTokens([]);
    this.preTokenizer = options.preTokenizer ?? new PreTokenizer();
    this.vocabulary = new Vocabulary(new Map([...vocabulary, ...this.added.ids]));
    this.vocabularySize = this.vocabulary.size;
    this.specialTokens = this.added.special;
    this.bytes = bytesById(this.vocabulary, this.added);
    this.byteIds = Int32Array.from(byteCharacters, (character) => vocabulary.get(character) ?? -1);
    const lengths = Int32Array.from(this.bytes, (bytes) => bytes?.length ?? 0);
    this.rules = new MergeRules(merges, this.byteIds, lengths);
    this.lossless = !this.byteIds.includes(-1) && !this.added.strips && normalizationForm === undefined;
  }

  encode(text: string): Int32Array {
    const ids: number[] = [];
    for (const segment of this.added.segments(wellFormed(text))) {
      if (segment.token !== undefined) ids.push(segment.token.id);
      else this.encodePlain(segment.text, ids);
    }
    return Int32Array.from(ids);
  }

  encodeWithOffsets(text: string): Encoding {
    const encoding = new EncodingBuilder();
    for (const { text: plain, start: offset, token } of this.added.segments(wellFormed(text))) {
      if (token !== undefined) {
        encoding.add(token.id, offset, offset + plain.length);
        continue;
      }
      const ids: number[] = [];
      this.encodePlain(plain, ids);
      const origins = new ByteOrigins(plain, this.options.normalizationForm ?? null);
      let byte = 0;
      for (const id of ids) {
        const end = byte + this.bytesOf(id).length;
        const span = origins.spanOf(byte, end);
        encoding.add(id, offset + span.start, offset + span.end);
        byte = end;
      }
    }
    return encoding.build();
  }

  decode(ids: ArrayLike<number>): string {
    return decodeUtf8(Array.from(ids, (id) => this.bytesOf(id)));
  }

  streamDecoder(): StreamDecoder {
    return utf8StreamDecoder((id) => this.bytesOf(id));
  }

  tokenOf(id: number): string | undefined {
    return this.vocabulary.tokenOf(id);
  }

  idOf(token: string): number | undefined {
    return this.vocabulary.idOf(token);
  }

  toJSON(): Record<string, unknown> {
    const { vocabulary, merges, normalizationForm, ignoreMerges, postProcessor } = this.options;
    const spell = (id: number): string => this.vocabulary.tokenOf(id) ?? '';
    const lines = merges.map(({ left, right }) => `${spell(left)} ${spell(right)}`);
    return tokenizerFile({
      addedTokens: this.added.tokens,
      normalizer: normalizationForm === undefined ? null : { type: normalizationForm },
      preTokenizer: preTokenizerJSON(this.preTokenizer.patterns),
      postProcessor,
      decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      model: bpeModel(vocabulary, lines, { ignoreMerges: ignoreMerges ?? false }),
    });
  }

  /** Appends the ids of a text without added tokens. */
  private encodePlain(text: string, ids: number[]): void {
    const form = this.options.normalizationForm;
    const normalized = form === undefined ? text : text.normalize(form);
    this.preTokenizer.eachWord(normalized, (bytes, start, end) => {
      for (const id of this.tokensOfWord(bytes, start, end)) ids.push(id);
    });
  }

  /** The ids of the word `bytes[start, end)`. */
  private tokensOfWord(bytes: Uint8Array, start: number, end: number): readonly number[] {
    if (end - start > CACHED_WORD_BYTES) return this.mergeWord(bytes.subarray(start, end));
    if (this.cachedWords.size === CACHED_WORDS) {
      this.cachedWords = new WordTable();
      this.cachedTokens = [];
    }
    const index = this.cachedWords.add(bytes, start, end);
    return (this.cachedTokens[index] ??= this.mergeWord(bytes.subarray(start, end)));
  }

  private mergeWord(word: Uint8Array): readonly number[] {
    if (this.options.ignoreMerges) {
      const whole = this.options.vocabulary.get(spellBytes(word));
      if (whole !== undefined) return [whole];
    }
    for (const byte of word) if ((this.byteIds[byte] as number) < 0) unknownByte(byte, word);
    return this.rules.apply(word);
  }

  private bytesOf(id: number): Uint8Array {
    const bytes = this.bytes[id];
    if (bytes === undefined) throw unknownId(id, this.vocabularySize);
    return bytes;
  }
}

function unknownByte(byte: number, word: Uint8Array): never {
  const problem = `The byte 0x${byte.toString(16).padStart(2, '0')} of ${JSON.stringify(decodeUtf8([word]))} is not in the vocabulary. Train the tokenizer with the whole byte alphabet.`;
  throw new TokenizerError(problem, { fields: { byte } });
}

/** What each id stands for: added tokens for their own text, all others for the bytes that they spell. */
function bytesById(vocabulary: Vocabulary, added: AddedTokens): (Uint8Array | undefined)[] {
  const bytes: (Uint8Array | undefined)[] = Array.from({ length: vocabulary.size });
  for (const [token, id] of vocabulary.entries()) bytes[id] = bytesOfSpelling(token) ?? encodeUtf8(token);
  for (const { content, id } of added.tokens) bytes[id] = encodeUtf8(content);
  return bytes;
}

/** GPT-2's own pattern is written out, because readers do not agree on what `\s` means in their built-in copy of it. */
function preTokenizerJSON(patterns: readonly string[]): Record<string, unknown> {
  const splits = patterns.map((pattern) => ({
    type: 'Split',
    pattern: { Regex: pattern },
    behavior: 'Isolated',
    invert: false,
  }));
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
  return { type: 'Sequence', pretokenizers: [...splits, bytes] };
}
