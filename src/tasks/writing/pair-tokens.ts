// Pairs of texts as token ids, the special tokens among them. Knows nothing of models.
import type { Row } from '../../data/index.js';
import type { Tokenizer } from '../../text/index.js';
import type { TextInContext, TextOrInContext } from '../tune/text-in-context.js';
import { DataError, TokenizerError } from '../../core/errors.js';
import { behindWords, wordStarts } from '../../text/index.js';
import { inContext, textInContext } from '../tune/text-in-context.js';

/** The special tokens of a tokenizer for pairs, in the order of their ids. */
export const pairSpecialTokens = ['<pad>', '<s>', '</s>'] as const;

/** Ids of the tokens that stand for no text. */
export interface PairIds {
  readonly padId: number;
  /** Before the first token that is written. */
  readonly startToken: number;
  /** Behind the last token, on both sides. */
  readonly endToken: number;
}

/** @throws {TokenizerError} when the tokenizer lacks one of them */
export function pairIdsOf({ specialTokens }: Tokenizer): PairIds {
  const [padId, startToken, endToken] = pairSpecialTokens.map((token) => specialTokens.get(token));
  if (padId !== undefined && startToken !== undefined && endToken !== undefined)
    return { padId, startToken, endToken };
  throw new TokenizerError(
    `A model that writes needs the special tokens ${pairSpecialTokens.join(' ')}, and this tokenizer has ${[...specialTokens.keys()].join(' ') || 'none'}. Use a tokenizer that was trained for pairs.`,
    { fields: { found: [...specialTokens.keys()] } },
  );
}

/** A pair, each side with its end token. */
export interface EncodedPair {
  readonly source: readonly number[];
  readonly target: readonly number[];
}

export interface PairEncodingOptions {
  readonly lowercase: boolean;
  readonly maxSourceTokens: number;
  readonly maxTargetTokens: number;
  /** Columns whose texts stand in front of sources, the furthest first. Default: none. */
  readonly context?: readonly string[] | undefined;
}

/** Encodes sources, targets and rows that hold both. */
export class PairEncoder {
  readonly ids: PairIds;
  /** Whether a word starts with a token. */
  readonly startsWord: (token: number) => boolean;
  /** The token that spells behind a word what this one does at the beginning. */
  readonly behindWords: (token: number) => number;
  private readonly tokenizer: Tokenizer;
  private readonly options: PairEncodingOptions;

  /** @throws {TokenizerError} when the tokenizer lacks a special token */
  constructor(tokenizer: Tokenizer, options: PairEncodingOptions) {
    this.tokenizer = tokenizer;
    this.options = options;
    this.ids = pairIdsOf(tokenizer);
    this.startsWord = wordStarts(tokenizer);
    this.behindWords = behindWords(tokenizer);
  }

  /** Tokens of the longest source that can be read, its end included. */
  get longestSource(): number {
    return this.options.maxSourceTokens;
  }

  /** A text as the model sees it. */
  normalized(text: string): string {
    return this.options.lowercase ? text.toLowerCase() : text;
  }

  /** Each part of the context ends as a text does. Of what does not fit the furthest context is cut first, then the end of the text. */
  source(given: TextOrInContext): number[] {
    const { text, context } = inContext(given);
    const own = this.ended(text, this.options.maxSourceTokens);
    const room = this.options.maxSourceTokens - own.length;
    return room === 0 ? own : [...this.contextTokens(context).slice(-room), ...own];
  }

  /** Tokens of a text that are read at once beside a context, which may take half of the room. */
  roomBeside(context: readonly string[]): number {
    const room = this.options.maxSourceTokens - 1;
    return Math.max(1, room - Math.min(this.contextTokens(context).length, Math.floor(room / 2)));
  }

  target(text: string): number[] {
    return this.ended(text, this.options.maxTargetTokens);
  }

  /** @throws {DataError} when a side has no token, with its line */
  pair(row: Row, sourceRole: string, targetRole: string): EncodedPair {
    const [source = '', target = ''] = [sourceRole, targetRole].map((role) => {
      const { values, line } = row;
      const text = values[role]?.trim() ?? '';
      if (text !== '') return text;
      throw new DataError(`Row ${line} has no ${role}. Give it text, or leave the row out.`, {
        fields: { line, role },
      });
    });
    const { context } = this.sourceOf(row, sourceRole);
    return { source: this.source({ text: source, context }), target: this.target(target) };
  }

  /** The text of a row that is read, with its context. */
  sourceOf(row: Row, role: string): TextInContext {
    return textInContext(row, role, this.options.context ?? []);
  }

  /** The tokens that a text begins with. */
  beginning(text: string): number[] {
    return Array.from(this.tokenizer.encode(this.normalized(text)));
  }

  /** Words as the tokenizer may spell them within a text: at its beginning and behind a space, as given and capitalized. */
  spellings(words: string): number[][] {
    const capitalized = words.charAt(0).toUpperCase() + words.slice(1);
    const texts = new Set([words, capitalized].map((text) => this.normalized(text)));
    return [...texts].flatMap((text) => [this.beginning(text), this.beginning(` ${text}`)]);
  }

  /** The text of what was written. */
  text(tokens: readonly number[]): string {
    return this.tokenizer.decode(tokens).trim();
  }

  private contextTokens(context: readonly string[]): number[] {
    return context.flatMap((part) => [...this.beginning(part.trim()), this.ids.endToken]);
  }

  private ended(text: string, most: number): number[] {
    const ids = Array.from(this.tokenizer.encode(this.normalized(text)));
    return [...ids.slice(0, most - 1), this.ids.endToken];
  }
}
