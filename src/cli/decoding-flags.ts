// Flags that say how the words of a text are chosen. Knows no verb and no model.
import type { Command } from 'commander';
import type { DecodingChoices } from '../tasks/writing/decoding.js';
import { given } from '../core/given.js';
import { collected, number, wholeNumber } from './options.js';

export interface DecodingFlags {
  readonly beams?: number;
  readonly lengthPenalty?: number;
  readonly coveragePenalty?: number;
  readonly groups?: number;
  readonly diversityPenalty?: number;
  readonly uniqueNgrams?: number;
  readonly ban?: readonly string[];
  readonly begin?: string;
  readonly maxTokens?: number;
  readonly minTokens?: number;
  readonly sample?: boolean;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed?: number;
}

/** Adds the flags to a verb. */
export function withDecodingFlags(command: Command): Command {
  return command
    .option('--beams <n>', 'hypotheses that are followed at a time; 1 is greedy (default: 5)', wholeNumber(1))
    .option('--length-penalty <n>', 'above 0 favours long texts (default: 1; summarize: 1.6)', number(0))
    .option('--coverage-penalty <n>', 'above 0 favours texts that leave nothing out (default: 0)', number(0))
    .option('--groups <n>', "groups of beams that avoid each other's words (default: 1)", wholeNumber(1))
    .option('--diversity-penalty <n>', 'how much they do (default: 0.5)', number(0))
    .option(
      '--unique-ngrams <n>',
      'no sequence of so many words occurs twice (default: 0; summarize: no 3 tokens)',
      wholeNumber(0),
    )
    .option('--ban <words>', 'words that are never written; may be given several times', collected)
    .option('--begin <words>', 'what every text begins with')
    .option(
      '--max-tokens <n>',
      'tokens of a text at most (default: by the length of its source)',
      wholeNumber(1),
    )
    .option('--min-tokens <n>', 'tokens of a text at least', wholeNumber(0))
    .option('--sample', 'draw words instead of searching for the best text')
    .option('--temperature <n>', 'with --sample: below 1 prefers the likely (default: 1)', number(0))
    .option('--top-k <n>', 'with --sample: only so many of the likeliest tokens', wholeNumber(1))
    .option('--top-p <p>', 'with --sample: only the likeliest tokens that add up to this', number(0))
    .option('--seed <n>', 'with --sample: seed (default: 0)', wholeNumber(0));
}

/** What the flags choose. */
export function decodingOf(flags: DecodingFlags): DecodingChoices {
  const { beams, lengthPenalty, coveragePenalty, groups, diversityPenalty, uniqueNgrams } = flags;
  const { maxTokens, minTokens, sample, temperature, topK, topP, seed } = flags;
  const drawn = sample ? { temperature, topK, topP, seed } : undefined;
  return given({
    beams,
    lengthPenalty,
    coveragePenalty,
    groups,
    diversityPenalty,
    noRepeatWords: uniqueNgrams,
    // In the place of tokens, where a task counts those.
    noRepeatNgram: uniqueNgrams === undefined ? undefined : 0,
    maxTokens,
    minTokens,
    banned: flags.ban,
    prefix: flags.begin,
    sample: drawn,
  });
}
