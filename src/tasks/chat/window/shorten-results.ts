// What calls of tools gave, cut to fit a number of tokens, and saying so. Knows nothing of what they gave.
import type { ChatLanguage } from '../message.js';
import type { ToolStep } from '../tools.js';
import { wording } from '../wording.js';
import { largest, prefixOf } from './shorten.js';

/** Each result with at most so many UTF-16 units of it; one that is cut says how much it had. */
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
      const shown = prefixOf(result, length);
      return {
        ...call,
        result: `${shown}\n${wording[language].resultCut(shown.length, result.length)}`.trimStart(),
      };
    }),
  }));

/**
 * The longest results are cut first, all to one length.
 *
 * @param fits whether steps have few enough tokens
 * @returns to how many UTF-16 units; `undefined` when they do not fit without any result either
 */
export function lengthOfResults(
  steps: readonly ToolStep[],
  language: ChatLanguage,
  fits: (steps: readonly ToolStep[]) => boolean,
): number | undefined {
  const longest = Math.max(0, ...steps.flatMap(({ calls }) => calls.map(({ result = '' }) => result.length)));
  const fit = (length: number): boolean => fits(withResultsUpTo(steps, length, language));
  const length = largest(longest, fit);
  return fit(length) ? length : undefined;
}
