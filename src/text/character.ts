// The character tokenizer: one id for each Unicode code point. Knows nothing of words.
import { DataError, TokenizerError } from '../core/errors.js';
import { AddedTokens, type Segment } from './added-tokens.js';
import { type Encoding, EncodingBuilder } from './offsets.js';
import { bpeModel, tokenizerFile } from './tokenizer-file.js';
import type { StreamDecoder, Tokenizer } from './tokenizer.js';
import { Pacer, type TextPieces } from './training.js';
import { wellFormed } from './unicode.js';
import { unknownId, Vocabulary } from './vocabulary.js';

export interface CharacterTokenizerOptions {
  /** Single code points, and the added tokens. */
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly addedTokens?: AddedTokens;
  /** The token for characters outside the vocabulary; without one they are an error. */
  readonly unknownToken?: string | undefined;
}

/**
 * One token for each Unicode code point (not for each UTF-16 unit, so that an emoji stays whole). Special tokens are kept whole.
 * Lone surrogates become U+FFFD, which must be in the vocabulary like any other character.
 */
export class CharacterTokenizer implements Tokenizer {
  readonly kind = 'character';
  readonly vocabularySize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly lossless: boolean;
  readonly unknownToken: string | undefined;
  private readonly added: AddedTokens;
  private readonly vocabulary: Vocabulary;
  /** The id of each code point up to the largest one known; -1 where there is none. */
  private readonly idOfCodePoint: Int32Array;

  /** @throws {TokenizerError} when two tokens share an id, or the unknown token has none */
  constructor({ vocabulary, addedTokens, unknownToken }: CharacterTokenizerOptions) {
    this.added = addedTokens ?? new AddedTokens([]);
    this.vocabulary = new Vocabulary(new Map([...vocabulary, ...this.added.ids]));
    this.vocabularySize = this.vocabulary.size;
    this.specialTokens = this.added.special;
    this.unknownToken = unknownToken;
    this.lossless = unknownToken === undefined && !this.added.strips;
    this.idOfCodePoint = idsByCodePoint(vocabulary);
    if (unknownToken !== undefined && this.idOf(unknownToken) === undefined) {
      const problem = `The unknown token ${JSON.stringify(unknownToken)} is not in the vocabulary. Make it one of the special tokens.`;
      throw new TokenizerError(problem, { fields: { token: unknownToken } });
    }
  }

  encode(text: string): Int32Array {
    const ids: number[] = [];
    for (const segment of this.added.segments(wellFormed(text))) {
      if (segment.token !== undefined) ids.push(segment.token.id);
      else this.encodePlain(segment, ids);
    }
    return Int32Array.from(ids);
  }

  encodeWithOffsets(text: string): Encoding {
    const encoding = new EncodingBuilder();
    for (const segment of this.added.segments(wellFormed(text))) {
      const ids: number[] = [];
      if (segment.token !== undefined) ids.push(segment.token.id);
      else this.encodePlain(segment, ids);
      const texts = segment.token === undefined ? segment.text : [segment.text];
      let { start } = segment;
      for (const part of texts) encoding.add(ids.shift() ?? 0, start, (start += part.length));
    }
    return encoding.build();
  }

  decode(ids: ArrayLike<number>): string {
    return Array.from(ids, (id) => this.textOf(id)).join('');
  }

  streamDecoder(): StreamDecoder {
    return { push: (id) => this.textOf(id), end: () => '' };
  }

  tokenOf(id: number): string | undefined {
    return this.vocabulary.tokenOf(id);
  }

  idOf(token: string): number | undefined {
    return this.vocabulary.idOf(token);
  }

  /** A BPE model without merges: of the layouts that others can read the one that treats unknown characters as we do. */
  toJSON(): Record<string, unknown> {
    return tokenizerFile({
      addedTokens: this.added.tokens,
      decoder: { type: 'Fuse' },
      model: bpeModel(new Map(this.vocabulary.entries()), [], { unknownToken: this.unknownToken }),
    });
  }

  /** Appends the ids of a text without added tokens. */
  private encodePlain({ text, start }: Segment, ids: number[]): void {
    const unknown = this.unknownToken === undefined ? undefined : this.idOf(this.unknownToken);
    for (let i = 0; i < text.length;) {
      const codePoint = text.codePointAt(i) as number;
      const id = this.idOfCodePoint[codePoint] ?? -1;
      ids.push(id >= 0 ? id : (unknown ?? unknownCharacter(codePoint, start + i)));
      i += codePoint > 0xffff ? 2 : 1;
    }
  }

  private textOf(id: number): string {
    const token = this.vocabulary.tokenOf(id);
    if (token === undefined) throw unknownId(id, this.vocabularySize);
    return token;
  }
}

function idsByCodePoint(vocabulary: ReadonlyMap<string, number>): Int32Array {
  const characters = [...vocabulary].filter(([token]) => isCharacter(token));
  const codePoints = characters.map(([character]) => character.codePointAt(0) as number);
  const ids = new Int32Array(codePoints.reduce((size, codePoint) => Math.max(size, codePoint + 1), 0)).fill(
    -1,
  );
  characters.forEach(([, id], i) => (ids[codePoints[i] as number] = id));
  return ids;
}

/** Whether a token is a single code point. */
export function isCharacter(token: string): boolean {
  return token.length > 0 && token.length === String.fromCodePoint(token.codePointAt(0) as number).length;
}

function unknownCharacter(codePoint: number, position: number): never {
  const character = String.fromCodePoint(codePoint);
  const name = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
  const problem = `The character ${JSON.stringify(character)} (${name}) at position ${position} is not in the vocabulary. Train the tokenizer on text that has it, or with an unknown token, or use a byte-level one.`;
  throw new TokenizerError(problem, { fields: { character, position } });
}

export interface CharacterTrainingOptions {
  /** They get the ids 0, 1, ... Characters inside of them are not counted where they occur in the text. */
  readonly specialTokens?: readonly string[];
  /** Stands for every character that the training text lacks; becomes a special token when it is not one yet. */
  readonly unknownToken?: string;
  readonly signal?: AbortSignal;
}

/**
 * Takes every character of the text, in the order of code points, after the special tokens.
 * @throws {DataError} when there is no text
 * @throws {AbortedError} when the signal fires
 *
 * @example
 * const tokenizer = await trainCharacterTokenizer(['hello']);
 * tokenizer.encode('hell'); // Int32Array [1, 0, 2, 2]
 */
export async function trainCharacterTokenizer(
  pieces: TextPieces,
  { specialTokens = [], unknownToken, signal }: CharacterTrainingOptions = {},
): Promise<CharacterTokenizer> {
  const contents =
    unknownToken === undefined || specialTokens.includes(unknownToken)
      ? specialTokens
      : [...specialTokens, unknownToken];
  const addedTokens = AddedTokens.ofSpecial(contents);
  const characters = await distinctCharacters(pieces, addedTokens, new Pacer(signal));
  const vocabulary = new Map(addedTokens.special);
  for (const character of characters) {
    if (!vocabulary.has(character)) vocabulary.set(character, vocabulary.size);
  }
  return new CharacterTokenizer({ vocabulary, addedTokens, unknownToken });
}

/** The characters of the text outside of added tokens, by code point. */
async function distinctCharacters(pieces: TextPieces, added: AddedTokens, pacer: Pacer): Promise<string[]> {
  const seen = new Set<number>();
  for await (const piece of pieces) {
    for (const { text, token } of added.segments(wellFormed(piece))) {
      if (token === undefined) for (const character of text) seen.add(character.codePointAt(0) as number);
    }
    if (pacer.due) await pacer.pause();
  }
  if (seen.size === 0) {
    throw new DataError('The text to train the tokenizer on is empty. Give it at least one character.');
  }
  return [...seen].sort((a, b) => a - b).map((codePoint) => String.fromCodePoint(codePoint));
}
