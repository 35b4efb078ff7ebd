// BLEU, equal to sacreBLEU. Knows nothing of where the texts come from.
// Sources: Papineni et al. 2002; Post 2018, "A Call for Clarity in Reporting BLEU Scores"; smoothing: Chen and Cherry 2014.
import { bleuTokenizerNames, bleuTokenizers, type BleuTokenizerName } from './bleu-tokenizer.js';
import { requireInteger, requireKnown, requireNotNegative } from './checks.js';
import { wordNgrams, type NgramCounts } from './ngrams.js';
import { SACREBLEU_VERSION } from './sacrebleu-version.js';
import type { Score, Statistics, TextMetric } from './text-metric.js';
import { splitWords, trimEnd } from './whitespace.js';

const smoothings = ['exp', 'floor', 'add-k', 'none'] as const;
const smoothingDefaults = { exp: undefined, floor: 0.1, 'add-k': 1, none: undefined };

/** What to do with an n-gram order that has no match: Chen and Cherry's methods 3 (`exp`), 1 (`floor`) and 2 (`add-k`). */
export type BleuSmoothing = (typeof smoothings)[number];

export interface BleuOptions {
  /** Default `13a`. */
  readonly tokenize?: BleuTokenizerName;
  /** Default false. */
  readonly lowercase?: boolean;
  /** Default `exp`. */
  readonly smoothing?: BleuSmoothing;
  /** Of `floor` (default 0.1) and `add-k` (default 1). */
  readonly smoothingValue?: number;
  /** Leave out the orders for which the hypothesis is too short; meant for single sentences. Default false. */
  readonly effectiveOrder?: boolean;
  /** Longest n-gram. Default 4. */
  readonly maxOrder?: number;
}

export interface BleuScore extends Score {
  /** Matched n-grams, by order; `add-k` smoothing included. */
  readonly counts: readonly number[];
  /** N-grams of the hypotheses, by order; `add-k` smoothing included. */
  readonly totals: readonly number[];
  /** In percent, by order, after smoothing. */
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
  /** In tokens. */
  readonly hypothesisLength: number;
  /** In tokens, of the reference nearest in length to each hypothesis. */
  readonly referenceLength: number;
}

/**
 * `BLEU = 100 * brevityPenalty * exp(mean over n of log p_n)`, `p_n` the clipped precision of n-grams,
 * `brevityPenalty = exp(1 - referenceLength / hypothesisLength)` for short hypotheses.
 * Statistics: hypothesis length, reference length, matches by order, n-grams by order.
 *
 * @throws {ConfigError} for an unknown tokenizer or smoothing, or a value out of range
 */
export function bleu(options: BleuOptions = {}): TextMetric<BleuScore> {
  const { lowercase = false, effectiveOrder = false, maxOrder = 4 } = options;
  const smoothing = requireKnown('smoothing', options.smoothing ?? 'exp', smoothings);
  const tokenizer = requireKnown('tokenizer', options.tokenize ?? '13a', bleuTokenizerNames);
  const smoothingValue = options.smoothingValue ?? smoothingDefaults[smoothing];
  requireInteger('maxOrder', maxOrder, 1);
  if (smoothingValue !== undefined) requireNotNegative('smoothingValue', smoothingValue);

  const tokensOf = (text: string): string[] =>
    splitWords(bleuTokenizers[tokenizer](trimEnd(lowercase ? text.toLowerCase() : text)));
  const bracket = smoothingDefaults[smoothing] === undefined ? '' : `[${smoothingValue?.toFixed(2)}]`;
  return {
    name: 'BLEU',
    scale: 100,
    higherIsBetter: true,
    settings: {
      case: lowercase ? 'lc' : 'mixed',
      eff: effectiveOrder ? 'yes' : 'no',
      tok: tokenizer,
      smooth: `${smoothing}${bracket}`,
      version: SACREBLEU_VERSION,
    },
    statistics: (hypothesis, references) =>
      matchStatistics(tokensOf(hypothesis), references.map(tokensOf), maxOrder),
    scoreOf: (statistics) => scoreOf(statistics, { smoothing, smoothingValue, effectiveOrder, maxOrder }),
  };
}

function matchStatistics(
  hypothesis: readonly string[],
  references: readonly (readonly string[])[],
  maxOrder: number,
): Statistics {
  const matches: number[] = [];
  const totals: number[] = [];
  for (let n = 1; n <= maxOrder; n++) {
    const limits = references.map((reference) => wordNgrams(reference, n));
    matches.push(clippedMatches(wordNgrams(hypothesis, n), limits));
    totals.push(Math.max(0, hypothesis.length - n + 1));
  }
  const referenceLength = closestLength(hypothesis.length, references);
  return [hypothesis.length, referenceLength, ...matches, ...totals];
}

/** Matches of each n-gram, at most as many as the reference with the most of it has. */
function clippedMatches(hypothesis: NgramCounts, references: readonly NgramCounts[]): number {
  let matches = 0;
  for (const [ngram, count] of hypothesis) {
    let limit = 0;
    for (const reference of references) limit = Math.max(limit, reference.get(ngram) ?? 0);
    matches += Math.min(count, limit);
  }
  return matches;
}

/** The reference length nearest to the hypothesis length; of two equally near, the shorter. */
function closestLength(length: number, references: readonly (readonly string[])[]): number {
  const lengths = references.map((reference) => reference.length);
  return lengths.reduce((best, candidate) => {
    const gain = Math.abs(length - best) - Math.abs(length - candidate);
    return gain > 0 || (gain === 0 && candidate < best) ? candidate : best;
  });
}

interface Smoothing {
  readonly smoothing: BleuSmoothing;
  readonly smoothingValue: number | undefined;
  readonly effectiveOrder: boolean;
  readonly maxOrder: number;
}

function scoreOf(statistics: Statistics, options: Smoothing): BleuScore {
  const { maxOrder } = options;
  const [hypothesisLength = 0, referenceLength = 0] = statistics;
  const brevityPenalty = brevityPenaltyOf(hypothesisLength, referenceLength);
  const matches = statistics.slice(2, 2 + maxOrder);
  const lengths = { brevityPenalty, hypothesisLength, referenceLength };
  if (matches.every((count) => count === 0)) {
    const precisions = matches.map(() => 0);
    return { score: 0, counts: matches, totals: statistics.slice(2 + maxOrder), precisions, ...lengths };
  }
  const { counts, totals, precisions, order } = smooth(matches, statistics.slice(2 + maxOrder), options);
  const logs = precisions
    .slice(0, order)
    .map((precision) => (precision === 0 ? LOG_OF_ZERO : Math.log(precision)));
  const score = brevityPenalty * Math.exp(logs.reduce((sum, log) => sum + log, 0) / order);
  return { score, counts, totals, precisions, ...lengths };
}

/** sacreBLEU's floor of the logarithm: one order without a match makes the score 0. */
const LOG_OF_ZERO = -9999999999;

function brevityPenaltyOf(hypothesisLength: number, referenceLength: number): number {
  if (hypothesisLength >= referenceLength) return 1;
  return hypothesisLength === 0 ? 0 : Math.exp(1 - referenceLength / hypothesisLength);
}

interface SmoothedPrecisions {
  readonly counts: readonly number[];
  readonly totals: readonly number[];
  /** In percent. */
  readonly precisions: readonly number[];
  /** How many orders the geometric mean is taken over. */
  readonly order: number;
}

function smooth(matches: Statistics, ngrams: Statistics, options: Smoothing): SmoothedPrecisions {
  const { smoothing, smoothingValue = 0, effectiveOrder, maxOrder } = options;
  const counts = [...matches];
  const totals = [...ngrams];
  const precisions = counts.map(() => 0);
  let order = maxOrder;
  let halving = 1;
  for (let i = 0; i < maxOrder; i++) {
    const added = smoothing === 'add-k' && i > 0 ? smoothingValue : 0;
    const count = (counts[i] = (counts[i] ?? 0) + added);
    const total = (totals[i] = (totals[i] ?? 0) + added);
    if (total === 0) break;
    if (effectiveOrder) order = i + 1;
    if (count > 0) precisions[i] = (100 * count) / total;
    else if (smoothing === 'exp') precisions[i] = 100 / ((halving *= 2) * total);
    else if (smoothing === 'floor') precisions[i] = (100 * smoothingValue) / total;
  }
  return { counts, totals, precisions, order };
}
