// Cuts text into the words that merges never cross. Knows nothing of tokens.
import { SplitPreTokenizer } from '@huggingface/tokenizers';
import { messageOf, TokenizerError } from '../core/errors.js';
import { encodeUtf8, utf8Length } from './unicode.js';

/**
 * Words with the space before them, numbers, punctuation, white space. `\s` is Unicode White_Space.
 * Source: GPT-2 (Radford et al. 2019), `encoder.py`.
 */
export const GPT2_PATTERN =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** One split pattern, once to match exactly at a place and once to search for the next match. */
interface Splitter {
  readonly here: RegExp;
  readonly anywhere: RegExp;
}

/** @param pattern in Oniguruma syntax, as `tokenizer.json` files have it @throws {TokenizerError} when it cannot be compiled */
function compile(pattern: string): Splitter {
  try {
    const config = {
      type: 'Split',
      pattern: { Regex: pattern },
      behavior: 'Isolated',
      invert: false,
    } as const;
    const source = new SplitPreTokenizer(config).pattern?.source ?? pattern;
    return { here: new RegExp(source, 'uy'), anywhere: new RegExp(source, 'gu') };
  } catch (cause) {
    const problem = `The split pattern ${JSON.stringify(pattern)} cannot be compiled: ${messageOf(cause)}`;
    throw new TokenizerError(problem, { cause, fields: { pattern } });
  }
}

/** Splits text by one or more patterns, each applied to the pieces of the one before. Nothing is dropped: what no pattern matches is a word too. */
export class PreTokenizer {
  readonly patterns: readonly string[];
  private readonly splitters: readonly Splitter[];

  constructor(patterns: readonly string[] = [GPT2_PATTERN]) {
    this.patterns = patterns;
    this.splitters = patterns.map(compile);
  }

  /** Calls `visit` for each word of a well-formed text, in order, with the UTF-8 bytes of the text and where the word is in them. */
  eachWord(text: string, visit: (bytes: Uint8Array, start: number, end: number) => void): void {
    const bytes = encodeUtf8(text);
    let start = 0;
    let startByte = 0;
    for (const end of this.wordEnds(text)) {
      const endByte = startByte + utf8Length(text, start, end);
      visit(bytes, startByte, endByte);
      start = end;
      startByte = endByte;
    }
  }

  /** Where each word ends, in UTF-16 units; the words cover the whole text. */
  wordEnds(text: string): number[] {
    let ends = [text.length];
    for (const splitter of this.splitters) {
      const finer: number[] = [];
      let start = 0;
      for (const end of ends) {
        pushEnds(splitter, text.slice(start, end), start, finer);
        start = end;
      }
      ends = finer;
    }
    return ends;
  }
}

function pushEnds({ here, anywhere }: Splitter, text: string, offset: number, ends: number[]): void {
  try {
    for (let at = 0; at < text.length;) {
      here.lastIndex = at;
      const matched = here.test(text) && here.lastIndex > at;
      at = matched ? here.lastIndex : nextMatch(anywhere, text, at);
      ends.push(offset + at);
    }
  } catch (cause) {
    // The regular expression engine keeps a place to return to for every character of a match and runs out of room for them.
    if (!(cause instanceof RangeError)) throw cause;
    const problem = `A text of ${text.length} characters has a run without any place to split that is too long. Give it in pieces of at most a million characters.`;
    throw new TokenizerError(problem, { cause });
  }
}

/** Where the first match after `from` starts, be it empty, or the end of the text. */
function nextMatch(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) return match.index;
  }
  return text.length;
}
