// What a beam search can be asked for, and how a hypothesis is scored. Knows nothing of models.
import type { TokenRules } from './token-rules.js';
import { ConfigError } from '../core/errors.js';
import { asItIs, checkTokenRules, everywhere } from './token-rules.js';

export interface BeamOptions extends TokenRules {
  /** Hypotheses that are followed at a time. Default: 5. */
  readonly beams?: number | undefined;
  /** Tokens of a text at most, its end token included. */
  readonly maxTokens: number;
  /** Token before the first one of a text. */
  readonly startToken: number;
  /** Token at which a text ends; it does not become part of it. */
  readonly endToken: number;
  /**
   * alpha of Wu et al. 2016, equation 14: log-probabilities are divided by ((5 + tokens) / 6)^alpha. 0: not divided, which
   * favours short texts. Default: 1.
   */
  readonly lengthPenalty?: number | undefined;
  /**
   * beta of Wu et al. 2016, equation 14: adds beta * sum of log(min(attention, 1)) over the tokens of the source, where
   * attention is what a token got from the whole text. For models that look back at their source. Default: 0.
   */
  readonly coveragePenalty?: number | undefined;
  /** Hypotheses to return for each text, best first; at most `beams`. Default: 1. */
  readonly results?: number | undefined;
  /**
   * `certain`: ends when no hypothesis that is still written can become one of the best any more, which changes no result.
   * `first`: ends as soon as `beams` hypotheses have ended. Default: `certain`; for one beam `first`, which is greedy search.
   */
  readonly stopping?: 'certain' | 'first' | undefined;
  /** Divides the beams into groups that avoid each other's tokens (Vijayakumar et al. 2018). Default: 1. */
  readonly groups?: number | undefined;
  /** Taken off the score of a token, while it is chosen, for each earlier group that has chosen it. Default: 0.5 with groups. */
  readonly diversityPenalty?: number | undefined;
  /** Tokens that each text begins with. They are part of it and do not count in its score. */
  readonly prefix?: readonly number[] | undefined;
  /** Whether a text that reaches `maxTokens` has to end there, its end token counted. Default: false, it is cut off. */
  readonly forceEnd?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options with every choice made. */
export type BeamSettings = Required<Omit<BeamOptions, 'signal'>> & Pick<BeamOptions, 'signal'>;

interface Rule {
  readonly holds: boolean;
  readonly expected: string;
}

/** @throws {ConfigError} that names the first option with an impossible value */
export function beamSettings(options: BeamOptions): BeamSettings {
  checkTokenRules(options);
  const beams = options.beams ?? 5;
  const groups = options.groups ?? 1;
  const settings: BeamSettings = {
    beams,
    groups,
    maxTokens: options.maxTokens,
    startToken: options.startToken,
    endToken: options.endToken,
    lengthPenalty: options.lengthPenalty ?? 1,
    coveragePenalty: options.coveragePenalty ?? 0,
    results: options.results ?? 1,
    stopping: options.stopping ?? (beams === 1 ? 'first' : 'certain'),
    diversityPenalty: options.diversityPenalty ?? (groups > 1 ? 0.5 : 0),
    prefix: options.prefix ?? [],
    forceEnd: options.forceEnd ?? false,
    noRepeatNgram: options.noRepeatNgram ?? 0,
    noRepeatWords: options.noRepeatWords ?? 0,
    startsWord: options.startsWord ?? everywhere,
    behindWords: options.behindWords ?? asItIs,
    banned: options.banned ?? [],
    minTokens: options.minTokens ?? 0,
    signal: options.signal,
  };
  const positive = (value: number): boolean => Number.isInteger(value) && value >= 1;
  const rules: Readonly<Partial<Record<keyof BeamSettings, Rule>>> = {
    beams: { holds: positive(beams), expected: 'a whole number of at least 1' },
    maxTokens: { holds: positive(settings.maxTokens), expected: 'a whole number of at least 1' },
    groups: {
      holds: positive(groups) && beams % groups === 0,
      expected: `a whole number that divides the ${beams} beams`,
    },
    results: {
      holds: positive(settings.results) && settings.results <= beams,
      expected: `a whole number from 1 to the ${beams} beams`,
    },
    lengthPenalty: { holds: Number.isFinite(settings.lengthPenalty), expected: 'a number' },
    coveragePenalty: { holds: settings.coveragePenalty >= 0, expected: 'at least 0' },
    diversityPenalty: { holds: settings.diversityPenalty >= 0, expected: 'at least 0' },
    minTokens: {
      holds: settings.minTokens < settings.maxTokens,
      expected: `less than maxTokens, ${settings.maxTokens}`,
    },
    prefix: {
      holds: settings.prefix.length < settings.maxTokens,
      expected: `shorter than maxTokens, ${settings.maxTokens}`,
    },
  };
  for (const [option, { holds, expected }] of Object.entries(rules)) {
    if (holds) continue;
    const value = settings[option as keyof BeamSettings];
    throw new ConfigError(`The beam search option ${option} is ${String(value)}; it must be ${expected}.`, {
      fields: { option },
    });
  }
  return settings;
}

/** By what a log-probability is divided. Source: Wu et al. 2016, equation 14. */
export function lengthDivisor(tokens: number, alpha: number): number {
  return ((5 + tokens) / 6) ** alpha;
}
