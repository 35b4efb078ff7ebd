// Bootstrap resampling: how far a score, or the difference of two systems, may be due to chance. Knows nothing of any
// one metric; it resamples statistics of segments, whose sums become scores.
// Sources: Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation"; Riezler and Maxwell 2005;
// the paired test: sacreBLEU 2.6.0; the percentiles: rouge_score 0.1.2.
import type { Random } from '../core/random.js';
import { requireInteger, requirePaired, requireSome } from './checks.js';
import { sumStatistics, type Statistics } from './text-metric.js';
import { ConfigError } from '../core/errors.js';

/** Where the segments of a resample are drawn from. A recorded list of draws will do. */
export type Draws = Pick<Random, 'integer'>;

export interface BootstrapOptions {
  /** Default 1000. */
  readonly samples?: number;
  /** Part of the resamples that the interval holds. Default 0.95. */
  readonly confidence?: number;
}

export interface Interval {
  readonly low: number;
  readonly median: number;
  readonly high: number;
  readonly mean: number;
}

/** Turns the sum of statistics into a score: `(sums) => metric.scoreOf(sums).score` of a text metric. */
export type ScoreOfSums = (sums: Statistics) => number;

/**
 * The interval that holds the score of the middle `confidence` of the resamples, each of as many segments as there are,
 * drawn with replacement.
 *
 * @param segments statistics of each segment; `[value, 1]` with `([sum, count]) => sum / count` for a mean
 * @throws {DataError} when there is no segment
 * @throws {ConfigError} for samples or confidence out of range
 */
export function bootstrapInterval(
  segments: readonly Statistics[],
  scoreOf: ScoreOfSums,
  random: Draws,
  options: BootstrapOptions = {},
): Interval {
  const { samples = 1000, confidence = 0.95 } = requireOptions(options);
  requireSome('segments', segments);
  const scores = drawSamples(segments.length, samples, random).map((sample) =>
    resampledScore(segments, sample, scoreOf),
  );
  return intervalOf(scores, confidence);
}

export interface PairedBootstrap {
  readonly baseline: ResampledScore;
  readonly system: ResampledScore;
  /** `system - baseline`, over the same resamples. */
  readonly difference: ResampledScore;
  /** Probability of a difference at least as large, either way, if the systems were equally good. */
  readonly pValue: number;
}

export interface ResampledScore extends Interval {
  /** Of all segments, without resampling. */
  readonly score: number;
  /** sacreBLEU's 95% interval: half the width between the resamples at 1/40 from either end. */
  readonly halfWidth: number;
}

/**
 * Compares two systems on the same segments: sacreBLEU's paired bootstrap test, two-sided.
 * `pValue = (1 + number of resamples with |d| - mean |d| > |observed d|) / (1 + samples)`, d the difference of scores.
 *
 * @param baseline statistics of each segment
 * @param system statistics of the same segments, in the same order
 * @throws {DataError} when there is no segment, or not as many of one system as of the other
 * @throws {ConfigError} for samples or confidence out of range
 */
export function pairedBootstrap(
  baseline: readonly Statistics[],
  system: readonly Statistics[],
  scoreOf: ScoreOfSums,
  random: Draws,
  options: BootstrapOptions = {},
): PairedBootstrap {
  const { samples = 1000, confidence = 0.95 } = requireOptions(options);
  requirePaired('baseline segments', baseline, 'system segments', system);
  const drawn = drawSamples(baseline.length, samples, random);
  const resampled = (segments: readonly Statistics[]): number[] =>
    drawn.map((sample) => resampledScore(segments, sample, scoreOf));
  const summarize = (score: number, scores: readonly number[]): ResampledScore => ({
    score,
    ...intervalOf(scores, confidence),
    halfWidth: halfWidthOf(scores),
  });

  const baselineScores = resampled(baseline);
  const systemScores = resampled(system);
  const differences = systemScores.map((score, i) => score - (baselineScores[i] ?? 0));
  const baselineScore = scoreOf(sumStatistics(baseline));
  const systemScore = scoreOf(sumStatistics(system));
  return {
    baseline: summarize(baselineScore, baselineScores),
    system: summarize(systemScore, systemScores),
    difference: summarize(systemScore - baselineScore, differences),
    pValue: pValueOf(differences.map(Math.abs), Math.abs(systemScore - baselineScore)),
  };
}

function requireOptions(options: BootstrapOptions): BootstrapOptions {
  const { samples = 1000, confidence = 0.95 } = options;
  requireInteger('samples', samples, 1);
  if (confidence > 0 && confidence < 1) return options;
  throw new ConfigError(`confidence is ${confidence}: a number between 0 and 1 is needed.`, {
    fields: { confidence },
  });
}

/** `samples` lists of `size` segment numbers. */
function drawSamples(size: number, samples: number, random: Draws): Int32Array[] {
  return Array.from({ length: samples }, () => Int32Array.from({ length: size }, () => random.integer(size)));
}

function resampledScore(segments: readonly Statistics[], sample: Int32Array, scoreOf: ScoreOfSums): number {
  return scoreOf(sumStatistics(Array.from(sample, (segment) => segments[segment] ?? [])));
}

function pValueOf(sizes: readonly number[], observed: number): number {
  const mean = meanOf(sizes);
  const larger = sizes.filter((size) => size - mean > observed).length;
  return (larger + 1) / (sizes.length + 1);
}

function halfWidthOf(scores: readonly number[]): number {
  const sorted = ascending(scores);
  const cut = Math.floor(sorted.length / 40);
  return 0.5 * ((sorted.at(-1 - cut) ?? NaN) - (sorted[cut] ?? NaN));
}

function intervalOf(scores: readonly number[], confidence: number): Interval {
  const sorted = ascending(scores);
  const tail = (1 - confidence) / 2;
  return {
    low: quantile(sorted, tail),
    median: quantile(sorted, 0.5),
    high: quantile(sorted, 1 - tail),
    mean: meanOf(scores),
  };
}

/** Quantile of ascending values, linear between neighbours. */
function quantile(sorted: readonly number[], part: number): number {
  const position = part * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position % 1);
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
