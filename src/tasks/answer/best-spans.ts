// The best stretches of one window, by the scores of their ends. Knows nothing of text.
import type { TokenSpan } from './windows.js';

/** A stretch with the sum of the logits of its start and its end. */
export interface ScoredTokens extends TokenSpan {
  readonly score: number;
}

export interface SpanSearch {
  /** Where the context begins, and before which position it ends. */
  readonly from: number;
  readonly to: number;
  /** Tokens of an answer, at most. */
  readonly answerLength: number;
  /** How many stretches are wanted. */
  readonly count: number;
}

/**
 * The stretches with the highest sums of start and end, the best first. All pairs that are short enough are looked at.
 * @param start logits of one sequence
 */
export function bestSpans(
  start: ArrayLike<number>,
  end: ArrayLike<number>,
  { from, to, answerLength, count }: SpanSearch,
): readonly ScoredTokens[] {
  const best: ScoredTokens[] = [];
  for (let first = from; first < to; first++) {
    for (let last = first; last < Math.min(to, first + answerLength); last++) {
      const score = (start[first] ?? -Infinity) + (end[last] ?? -Infinity);
      if (best.length === count && score <= (best.at(-1)?.score ?? -Infinity)) continue;
      const place = best.findIndex((other) => other.score < score);
      best.splice(place === -1 ? best.length : place, 0, { first, last, score });
      if (best.length > count) best.pop();
    }
  }
  return best;
}
