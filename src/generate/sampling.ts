// Chooses the next token from a model's logits: which distribution the options ask for, and a draw from it. Knows nothing of models.
import type { Random } from '../core/random.js';
import { ConfigError, NonFiniteError } from '../core/errors.js';
import type { Scores } from './filters.js';
import { applyTemperature, keepMinP, keepTopK, keepTopP, penalizeRepetition, softmax } from './filters.js';

/** How the next token is chosen. What is left out changes nothing. */
export interface SamplingOptions {
  /** Divides the logits, at least 0; 0 always takes the most likely token. Default: 1. */
  readonly temperature?: number | undefined;
  /** How many of the most likely tokens are considered. Default: all. */
  readonly topK?: number | undefined;
  /** Only the most likely tokens whose probabilities add up to this, in (0, 1]. Default: 1. */
  readonly topP?: number | undefined;
  /** Only tokens at least this many times as likely as the most likely one, in [0, 1]. Default: 0. */
  readonly minP?: number | undefined;
  /** Makes tokens that occurred less likely (above 1) or likelier (below 1), from 0.01 to 100. Default: 1. */
  readonly repetitionPenalty?: number | undefined;
  /** An integer: the same seed draws the same tokens. Default: 0. */
  readonly seed?: number | undefined;
}

interface Rule {
  readonly holds: (value: number) => boolean;
  readonly expected: string;
}

const rules: Readonly<Record<keyof SamplingOptions, Rule>> = {
  temperature: {
    holds: (value) => value >= 0 && value < Infinity,
    expected: 'at least 0; 0 always takes the most likely token',
  },
  topK: {
    holds: (value) => Number.isInteger(value) && value >= 1,
    expected: 'a whole number of at least 1; leave it out to consider all tokens',
  },
  topP: { holds: (value) => value > 0 && value <= 1, expected: 'above 0 and at most 1; 1 keeps all tokens' },
  minP: { holds: (value) => value >= 0 && value <= 1, expected: 'from 0 to 1; 0 keeps all tokens' },
  repetitionPenalty: {
    holds: (value) => value >= 0.01 && value <= 100,
    expected: 'from 0.01 to 100; 1 changes nothing, 1.1 discourages repetition',
  },
  seed: { holds: Number.isSafeInteger, expected: 'a whole number' },
};

/** @throws {ConfigError} that names the first option with an impossible value */
export function checkSamplingOptions(options: SamplingOptions): void {
  for (const [name, { holds, expected }] of Object.entries(rules)) {
    const value = options[name as keyof SamplingOptions];
    if (value === undefined || holds(value)) continue;
    throw new ConfigError(`The sampling option ${name} is ${value}; it must be ${expected}.`, {
      fields: { option: name, value },
    });
  }
}

/** The scores of a row of logits. @throws {NonFiniteError} when the model returned what is not a number */
function scoresOf(logits: Float32Array): Scores {
  const bad = logits.findIndex((logit) => Number.isNaN(logit) || logit === Infinity);
  if (bad < 0) return Float64Array.from(logits);
  throw new NonFiniteError(
    `The model's logit of token ${bad} is ${logits[bad]}, from which nothing can be chosen. Its training diverged or its file is damaged: use an earlier checkpoint.`,
    { fields: { token: bad } },
  );
}

/** The most likely id; of equally likely ones the lowest. */
function mostLikely(scores: Scores): number {
  return scores.reduce((best, score, id) => (score > (scores[best] ?? -Infinity) ? id : best), 0);
}

/**
 * The probability with which each token is chosen. The options take effect in the order of Hugging Face's `generate`:
 * repetition penalty, temperature, top-k, top-p, min-p; each works on what the one before it left.
 * @param logits float32[vocabularySize]
 * @param seen ids that count for the repetition penalty
 * @returns float64[vocabularySize]; sums to 1
 * @throws {NonFiniteError} when a logit is not a number
 */
export function tokenProbabilities(
  logits: Float32Array,
  seen: ReadonlySet<number>,
  { temperature = 1, topK, topP = 1, minP = 0, repetitionPenalty = 1 }: SamplingOptions = {},
): Float64Array {
  let scores = scoresOf(logits);
  if (repetitionPenalty !== 1) scores = penalizeRepetition(scores, seen, repetitionPenalty);
  if (temperature === 0) {
    const chosen = mostLikely(scores);
    return scores.map((_, id) => Number(id === chosen));
  }
  if (temperature !== 1) scores = applyTemperature(scores, temperature);
  if (topK !== undefined) scores = keepTopK(scores, topK);
  if (topP < 1) scores = keepTopP(scores, topP);
  if (minP > 0) scores = keepMinP(scores, minP);
  return softmax(scores);
}

/** Draws an id with the given probabilities: one number from `random`, by the inverse of the cumulative distribution. */
export function drawToken(probabilities: Float64Array, random: Random): number {
  let remaining = random.uniform();
  let last = 0;
  for (let id = 0; id < probabilities.length; id++) {
    const probability = probabilities[id] ?? 0;
    if (probability === 0) continue;
    if (remaining < probability) return id;
    remaining -= probability;
    last = id; // Rounding may leave a remainder behind the last possible token.
  }
  return last;
}

/**
 * Chooses the next token. Draws one number from `random`, also where the choice is certain.
 * @param logits float32[vocabularySize]
 * @param seen ids that count for the repetition penalty
 * @throws {NonFiniteError} when a logit is not a number
 */
export function sampleToken(
  logits: Float32Array,
  seen: ReadonlySet<number>,
  options: SamplingOptions,
  random: Random,
): number {
  return drawToken(tokenProbabilities(logits, seen, options), random);
}
