// What a metric says of segments: of all, of each, and how far it may be due to chance. Knows nothing of files.
import { Random } from '../../core/random.js';
import {
  bootstrapInterval,
  pairedBootstrap,
  segmentStatistics,
  signature,
  type BootstrapOptions,
  type Interval,
  type PairedBootstrap,
  type Score,
  type Statistics,
  type TextMetric,
} from '../../metrics/index.js';
import { sumStatistics } from '../../metrics/text-metric.js';
import type { Segments } from './segments.js';

export interface Resampling extends Required<BootstrapOptions> {
  readonly seed: number;
}

export interface ScoreOptions {
  /** Scores segments one by one, where that takes other settings. Its statistics are those of the metric. */
  readonly segmentMetric?: TextMetric;
  readonly bootstrap?: Resampling | undefined;
}

/** The interval of the system alone or, with a baseline, the comparison with it. */
export type BootstrapReport = Resampling & ({ readonly system: Interval } | PairedBootstrap);

export interface ScoreReport<S extends Score = Score> {
  /** The metric, as it is printed. */
  readonly name: string;
  readonly scale: TextMetric['scale'];
  readonly score: S;
  readonly signature: string;
  /** Of each segment, in order. */
  readonly segmentScores: readonly number[];
  readonly bootstrap?: BootstrapReport;
}

/**
 * Scores all segments, and each one. With `bootstrap` adds an interval; where the segments have a baseline, the paired
 * test against it.
 *
 * @throws {ConfigError} for samples or confidence out of range
 */
export function scoreSystem<S extends Score>(
  metric: TextMetric<S>,
  segments: Segments,
  options: ScoreOptions = {},
): ScoreReport<S> {
  const { segmentMetric = metric, bootstrap } = options;
  const { hypotheses, references } = segments;
  const statistics = segmentStatistics(metric, hypotheses, references);
  const resampling: Record<string, string> =
    bootstrap === undefined ? {} : { bs: String(bootstrap.samples), seed: String(bootstrap.seed) };
  return {
    name: metric.name,
    scale: metric.scale,
    score: metric.scoreOf(sumStatistics(statistics)),
    signature: signature(metric, references, resampling),
    segmentScores: statistics.map((sums) => segmentMetric.scoreOf(sums).score),
    ...(bootstrap && { bootstrap: resample(metric, segments, statistics, bootstrap) }),
  };
}

function resample(
  metric: TextMetric,
  { baseline, references }: Segments,
  system: readonly Statistics[],
  options: Resampling,
): BootstrapReport {
  const random = Random.fromSeed(options.seed);
  const scoreOf = (sums: Statistics): number => metric.scoreOf(sums).score;
  if (baseline === undefined) {
    return { ...options, system: bootstrapInterval(system, scoreOf, random, options) };
  }
  const statistics = segmentStatistics(metric, baseline, references);
  return { ...options, ...pairedBootstrap(statistics, system, scoreOf, random, options) };
}
