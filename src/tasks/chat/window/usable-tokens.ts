// How much of a model's window is used where tokens are only estimated, and how much less after it was too much. Knows no model.
import type { Generator } from '../generator.js';
import type { ChatWindow } from './window.js';
import { GeneratorError } from '../generator-error.js';

/** Share of a window that is left free where its tokens are estimated. */
export const marginShare = 0.05;
/** What is tried where it is not known how much it was too much. */
const triedShare = 0.75;

/** Tokens of prompt and answer together that are asked for: all that the model has, less a margin where they are estimated. */
export const usableTokens = ({ maxTokens, exact }: Pick<Generator, 'maxTokens' | 'exact'>): number =>
  exact ? maxTokens : Math.floor(maxTokens * (1 - marginShare));

/**
 * The limit for another window after the model found this one too long: what it says it has, in tokens as they are counted
 * here, less the margin.
 *
 * @returns `undefined` for any other failure
 */
export function smallerLimit(
  { tokens, limit }: Pick<ChatWindow, 'tokens' | 'limit'>,
  failure: unknown,
): number | undefined {
  if (!(failure instanceof GeneratorError) || failure.failure !== 'too-long') return undefined;
  const { windowTokens, promptTokens } = failure.fields;
  const perCounted = typeof promptTokens === 'number' ? Math.max(1, promptTokens / Math.max(1, tokens)) : 1;
  const within =
    typeof windowTokens === 'number' ? (windowTokens / perCounted) * (1 - marginShare) : Infinity;
  return Math.floor(within < limit ? within : limit * triedShare);
}
