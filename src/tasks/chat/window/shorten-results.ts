// What calls of tools gave, cut to fit a number of tokens, and saying so. Knows nothing of what they gave.
import type { ChatLanguage } from '../message.js';
import type { ToolStep } from '../tools.js';
import { wording } from '../wording.js';
import { largest, prefixOf } from './shorten.js';

/** Each result with at most so many UTF-16 units, of which some say how much it had where it is cut. */
export const withResultsUpTo = (
  steps: readonly ToolStep[],
  length: number,
  language: ChatLanguage,
): readonly ToolStep[] =>
  steps.map(({ text, calls }) => ({
    text,
    calls: calls.map((call) => {
      const { result } = call;
      if (result === undefined || result.length <= length) return call;
      const { resultCut } = wording[language];
      const room = length - resultCut(length, result.length).length - 1;
      const shown = prefixOf(result, Math.max(0, room));
      return { ...call, result: `${shown}\n${resultCut(shown.length, result.length)}`.trimStart() };
    }),
  }));

/** Something with calls of tools, on its way into a window. */
interface WithSteps {
  readonly steps?: readonly ToolStep[];
  readonly resultsUpTo?: number;
}

/**
 * The same with results that fit, or as it is where they do. The longest results are cut first, all to one length.
 *
 * @param fits whether something has few enough tokens
 * @returns `undefined` when it does not fit without any result either
 */
export function withFittingResults<T extends WithSteps>(
  whole: T,
  language: ChatLanguage,
  fits: (one: T) => boolean,
): T | undefined {
  if (fits(whole)) return whole;
  const { steps = [] } = whole;
  const upTo = (length: number): T => ({
    ...whole,
    steps: withResultsUpTo(steps, length, language),
    resultsUpTo: length,
  });
  if (steps.length === 0 || !fits(upTo(0))) return undefined;
  const lengths = steps.flatMap(({ calls }) => calls.map(({ result = '' }) => result.length));
  return upTo(largest(Math.max(0, ...lengths), (n) => fits(upTo(n))));
}
