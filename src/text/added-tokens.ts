// Tokens that are found in the text before anything else and kept whole. Knows nothing of the model behind them.
import { ConfigError } from '../core/errors.js';

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Special tokens mark structure, such as the end of a text; others are words that were added later. */
  readonly special: boolean;
  /** The token takes the white space before it. */
  readonly leftStrip?: boolean;
  /** The token takes the white space after it. */
  readonly rightStrip?: boolean;
  /** Only matches where no letter or digit touches it. */
  readonly singleWord?: boolean;
}

/** A piece of text: an added token, or plain text between two of them. */
export interface Segment {
  readonly text: string;
  /** Where it starts in the whole text, in UTF-16 units. */
  readonly start: number;
  readonly token?: AddedToken;
}

const WORD_CHARACTER = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]';
const isSpace = (character: string): boolean => /^\p{White_Space}$/u.test(character);

function patternOf({ content, singleWord }: AddedToken): string {
  const literal = content.replace(/[$()*+./?[\\\]^{|}]/g, '\\$&');
  return singleWord ? `(?<!${WORD_CHARACTER})${literal}(?!${WORD_CHARACTER})` : literal;
}

/** Finds added tokens in text: from left to right, the longest where several start at one place. */
export class AddedTokens {
  readonly tokens: readonly AddedToken[];
  /** Ids by text, ... */
  readonly ids: ReadonlyMap<string, number>;
  /** ... and of the special ones alone. */
  readonly special: ReadonlyMap<string, number>;
  private readonly byContent: ReadonlyMap<string, AddedToken>;
  private readonly pattern: RegExp | undefined;

  constructor(tokens: readonly AddedToken[]) {
    this.tokens = tokens;
    this.ids = new Map(tokens.map(({ content, id }) => [content, id]));
    this.special = new Map(tokens.filter((token) => token.special).map(({ content, id }) => [content, id]));
    this.byContent = new Map(tokens.map((token) => [token.content, token]));
    const longestFirst = [...tokens].sort((a, b) => b.content.length - a.content.length);
    this.pattern = tokens.length === 0 ? undefined : new RegExp(longestFirst.map(patternOf).join('|'), 'gu');
  }

  /** Special tokens with the ids 0, 1, ... @throws {ConfigError} when one is empty or stands twice */
  static ofSpecial(contents: readonly string[]): AddedTokens {
    contents.forEach((content, i) => {
      const problem =
        content === '' ? 'is empty' : contents.indexOf(content) < i ? 'stands twice' : undefined;
      if (problem === undefined) return;
      throw new ConfigError(
        `Special token ${i + 1}, ${JSON.stringify(content)}, ${problem}. Give each one once.`,
      );
    });
    return new AddedTokens(contents.map((content, id) => ({ id, content, special: true })));
  }

  /** Whether a text can lose white space to a token that strips it. */
  get strips(): boolean {
    return this.tokens.some((token) => token.leftStrip || token.rightStrip);
  }

  /** The text as a sequence of added tokens and the plain pieces between them, none of which is empty. */
  *segments(text: string): Generator<Segment> {
    let from = 0;
    for (const match of this.pattern === undefined ? [] : text.matchAll(this.pattern)) {
      const token = this.byContent.get(match[0]);
      let start = match.index;
      let end = start + match[0].length;
      if (token === undefined || start < from) continue;
      if (token.leftStrip) while (start > from && isSpace(text.charAt(start - 1))) start--;
      if (token.rightStrip) while (end < text.length && isSpace(text.charAt(end))) end++;
      if (start > from) yield { text: text.slice(from, start), start: from };
      yield { text: match[0], start: match.index, token };
      from = end;
    }
    if (from < text.length) yield { text: text.slice(from), start: from };
  }
}
