// How the words of a text are chosen, as people say it: in words, not in token ids. Knows no model.
import type { SamplingOptions, WritingOptions } from '../../generate/index.js';
import type { PairEncoder } from './pair-tokens.js';
import { ConfigError } from '../../core/errors.js';

/** Everything has a default. With `sample`, texts are drawn, and what only a search has must be left out. */
export interface DecodingChoices {
  /** Hypotheses that are followed at a time; 1 is greedy. Default: 5. */
  readonly beams?: number | undefined;
  /** Above 0 favours long texts. Default: 1. */
  readonly lengthPenalty?: number | undefined;
  /** Above 0 favours texts that say something of everything. Default: 0. */
  readonly coveragePenalty?: number | undefined;
  /** Groups of beams that avoid each other's words. Default: 1. */
  readonly groups?: number | undefined;
  readonly diversityPenalty?: number | undefined;
  /** How many texts for each source; at most `beams`. Default: 1. */
  readonly results?: number | undefined;
  /** No sequence of so many tokens occurs twice; 0: they may. Default: 0. */
  readonly noRepeatNgram?: number | undefined;
  /** No sequence of so many words occurs twice; 0: they may. Default: 0. */
  readonly noRepeatWords?: number | undefined;
  /** Words or phrases that are never written, whatever stands before them. */
  readonly banned?: readonly string[] | undefined;
  /** What every text begins with. */
  readonly prefix?: string | undefined;
  /** Tokens of a text at most. Default: what the task finds usual for the length of the source. */
  readonly maxTokens?: number | undefined;
  readonly minTokens?: number | undefined;
  /** Draws texts instead of searching for the best. */
  readonly sample?: SamplingOptions | undefined;
}

const ofSearch = [
  'beams',
  'lengthPenalty',
  'coveragePenalty',
  'groups',
  'diversityPenalty',
  'prefix',
] as const;

/**
 * The choices in token ids.
 * @param maxTokens tokens of a text at most
 * @throws {ConfigError} when choices do not go together
 */
export function writingOptions(
  choices: DecodingChoices,
  encoder: PairEncoder,
  maxTokens: number,
): WritingOptions {
  const { startToken, endToken } = encoder.ids;
  const { sample, noRepeatNgram, noRepeatWords, minTokens, results } = choices;
  const banned = (choices.banned ?? []).flatMap((words) => encoder.spellings(words));
  const { startsWord, behindWords } = encoder;
  const rules = { noRepeatNgram, noRepeatWords, startsWord, behindWords, minTokens, banned };
  const common = { startToken, endToken, maxTokens, ...rules };
  if (sample === undefined) {
    const { beams, lengthPenalty, coveragePenalty, groups, diversityPenalty, prefix } = choices;
    const begun = prefix === undefined ? undefined : encoder.beginning(prefix);
    const search = { beams, lengthPenalty, coveragePenalty, groups, diversityPenalty, results };
    return { method: 'beam', ...common, ...search, prefix: begun };
  }
  const idle = ofSearch.filter((choice) => choices[choice] !== undefined);
  if (idle.length === 0) return { method: 'sample', ...common, ...sample, samples: results };
  throw new ConfigError(
    `Texts are either drawn or searched for: ${idle.join(' and ')} ${idle.length === 1 ? 'belongs' : 'belong'} to the search. Leave out one or the other.`,
    { fields: { idle } },
  );
}
