// Which tokens may not come next in a text. Knows nothing of models or scores.
import { ConfigError } from '../core/errors.js';
import { wordRepeats } from './word-repeats.js';

export interface TokenRules {
  /** No sequence of this many tokens occurs twice in a text; 0: they may. Default: 0. */
  readonly noRepeatNgram?: number | undefined;
  /** No sequence of this many words occurs twice in a text; 0: they may. Default: 0. */
  readonly noRepeatWords?: number | undefined;
  /** Whether a token starts a word, which those behind it go on with up to the next. Default: each token is a word. */
  readonly startsWord?: ((token: number) => boolean) | undefined;
  /** For the first token of a text the one that spells the same behind another word, as ` the` does `the`. Default: itself. */
  readonly behindWords?: ((token: number) => number) | undefined;
  /** Sequences of tokens that never occur; of one token: that token. */
  readonly banned?: readonly (readonly number[])[] | undefined;
  /** The text does not end before it has this many tokens. Default: 0. */
  readonly minTokens?: number | undefined;
}

/** @throws {ConfigError} that names the first rule with an impossible value */
export function checkTokenRules(rules: TokenRules): void {
  const { noRepeatNgram = 0, noRepeatWords = 0, banned = [], minTokens = 0 } = rules;
  for (const [option, value] of Object.entries({ noRepeatNgram, noRepeatWords, minTokens })) {
    if (Number.isInteger(value) && value >= 0) continue;
    throw new ConfigError(`The option ${option} is ${value}; it must be a whole number of at least 0.`, {
      fields: { option, value },
    });
  }
  if (banned.some((sequence) => sequence.length === 0))
    throw new ConfigError('A banned sequence is empty; give each at least one token, or leave it out.');
}

/** The tokens that must not follow `tokens`. */
export function tokensNotAllowed(
  tokens: readonly number[],
  endToken: number,
  rules: TokenRules,
): ReadonlySet<number> {
  const { noRepeatNgram = 0, noRepeatWords = 0, banned = [], minTokens = 0 } = rules;
  const { startsWord = everywhere, behindWords = asItIs } = rules;
  const refused = new Set<number>();
  if (tokens.length < minTokens) refused.add(endToken);
  if (noRepeatNgram > 0) addRepeats(refused, tokens, noRepeatNgram);
  if (noRepeatWords > 0) {
    const alike = [...tokens.slice(0, 1).map(behindWords), ...tokens.slice(1)];
    for (const token of wordRepeats(alike, noRepeatWords, startsWord)) refused.add(token);
  }
  for (const sequence of banned) {
    const last = sequence.at(-1);
    if (last !== undefined && endsWith(tokens, sequence.slice(0, -1))) refused.add(last);
  }
  return refused;
}

/** Each token is a word. */
export const everywhere = (): boolean => true;

/** Tokens are spelled alike wherever they stand. */
export const asItIs = (token: number): number => token;

/** Tokens that would complete a sequence of `size` which occurred already. */
function addRepeats(refused: Set<number>, tokens: readonly number[], size: number): void {
  const beginning = tokens.slice(tokens.length - size + 1);
  if (tokens.length < size) return;
  for (let end = size - 1; end < tokens.length; end++) {
    const token = tokens[end];
    if (token !== undefined && matchesAt(tokens, beginning, end - size + 1)) refused.add(token);
  }
}

function endsWith(tokens: readonly number[], ending: readonly number[]): boolean {
  return tokens.length >= ending.length && matchesAt(tokens, ending, tokens.length - ending.length);
}

function matchesAt(tokens: readonly number[], part: readonly number[], start: number): boolean {
  return part.every((token, i) => tokens[start + i] === token);
}
