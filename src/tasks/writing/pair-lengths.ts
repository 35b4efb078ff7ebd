// How long targets are beside their sources, so that what is written has room and no more. Knows nothing of text.
import type { EncodedPair } from './pair-tokens.js';

/** What was seen in training. Lengths in tokens, the end included. */
export interface PairLengths {
  readonly longestSource: number;
  readonly longestTarget: number;
  /** Nearly all targets have at most this many tokens for each token of their source and of `slack`. */
  readonly growth: number;
}

/** Added to sources, so that short ones do not decide on the growth. */
const slack = 8;
/** Part of the targets that fit. */
const nearlyAll = 0.999;
/** Room beyond what was seen. */
const spare = 4;

export function pairLengthsOf(pairs: readonly EncodedPair[]): PairLengths {
  const ratios = pairs.map(({ source, target }) => target.length / (source.length + slack));
  const sorted = ratios.sort((a, b) => a - b);
  const longest = (side: keyof EncodedPair): number =>
    pairs.reduce((most, pair) => Math.max(most, pair[side].length), 1);
  return {
    longestSource: longest('source'),
    longestTarget: longest('target'),
    growth: sorted[Math.floor(nearlyAll * (sorted.length - 1))] ?? 1,
  };
}

/** Tokens that a text for a source of so many tokens may have. */
export function usualTokens({ growth, longestTarget }: PairLengths, sourceTokens: number): number {
  return Math.min(Math.ceil(growth * (sourceTokens + slack)), longestTarget) + spare;
}
