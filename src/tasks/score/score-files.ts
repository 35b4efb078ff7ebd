// Scores files against files, by the name of a metric or of a group of metrics. Knows nothing of the command line.
import { ConfigError } from '../../core/errors.js';
import type { Files } from '../../core/files.js';
import { didYouMean } from '../../core/nearest.js';
import {
  textMetricNamed,
  textMetricNames,
  type TextMetric,
  type TextMetricName,
  type TextMetricOptions,
} from '../../metrics/index.js';
import type { LineFile } from './lines.js';
import { scoreSystem, type Resampling, type ScoreReport } from './score.js';
import { readSegments, type Segments } from './segments.js';

/** A metric, or `rouge` for ROUGE-1, ROUGE-2, ROUGE-L and ROUGE-Lsum together. */
export type ScoredMetricName = TextMetricName | 'rouge';

export const scoredMetricNames: readonly ScoredMetricName[] = [...textMetricNames, 'rouge'];

export interface ScoreRequest {
  readonly metric: ScoredMetricName;
  readonly options?: TextMetricOptions;
  /** Path of what the system wrote, one segment a line. Here as for the other files, `-` is standard input. */
  readonly hypotheses: string;
  readonly references: readonly string[];
  /** Path of what another system wrote, to be tested against. */
  readonly baseline?: string | undefined;
  readonly bootstrap?: Resampling | undefined;
  readonly skipBad?: boolean | undefined;
}

export interface Scoring {
  readonly metric: ScoredMetricName;
  readonly segments: Segments;
  /** By name: one, or those of the group. */
  readonly reports: ReadonlyMap<TextMetricName, ScoreReport>;
}

/**
 * @param standardInput is read where a path is `-`
 * @throws {ConfigError} for options that the metric refuses, or `-` given twice
 * @throws {DataError} for files that differ in length, and lines that cannot be scored
 * @throws {StorageError} for files that cannot be read
 */
export async function scoreFiles(
  files: Files,
  request: ScoreRequest,
  standardInput: AsyncIterable<Uint8Array>,
): Promise<Scoring> {
  const { metric, options = {}, hypotheses, references, baseline, bootstrap, skipBad } = request;
  const metrics = membersOf(metric).map((name) => [name, metricsOf(name, options)] as const);
  requireOneStandardInput([hypotheses, ...references, ...(baseline === undefined ? [] : [baseline])]);
  const open = (path: string): LineFile =>
    path === '-'
      ? { name: 'standard input', bytes: standardInput }
      : { name: path, bytes: files.stream(path) };
  const segments = await readSegments(
    {
      hypotheses: open(hypotheses),
      references: references.map(open),
      baseline: baseline === undefined ? undefined : open(baseline),
    },
    { skipBad, emptyReferences: answerMetrics.has(metric) },
  );
  const reports = metrics.map(
    ([name, { corpus, segment }]) =>
      [name, scoreSystem(corpus, segments, { segmentMetric: segment, bootstrap })] as const,
  );
  return { metric, segments, reports: new Map(reports) };
}

/** @throws {ConfigError} for an unknown name, with the nearest known one */
export function scoredMetricName(name: string): ScoredMetricName {
  const known = scoredMetricNames.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  throw new ConfigError(`Unknown metric "${name}".${didYouMean(name, scoredMetricNames)}`, {
    fields: { metric: name, known: scoredMetricNames },
  });
}

/** Those for which an empty reference means "no answer". */
const answerMetrics: ReadonlySet<ScoredMetricName> = new Set(['exact-match', 'token-f1']);

function membersOf(metric: ScoredMetricName): readonly TextMetricName[] {
  return metric === 'rouge' ? ['rouge1', 'rouge2', 'rougeL', 'rougeLsum'] : [metric];
}

/** As in sacreBLEU, BLEU of single segments always has the effective order. */
function metricsOf(
  name: TextMetricName,
  options: TextMetricOptions,
): Record<'corpus' | 'segment', TextMetric> {
  return {
    corpus: textMetricNamed(name, options),
    segment: textMetricNamed(name, { ...options, effectiveOrder: true }),
  };
}

function requireOneStandardInput(paths: readonly string[]): void {
  if (paths.filter((path) => path === '-').length < 2) return;
  throw new ConfigError(
    'Standard input can be read only once: give - for one file, and paths for the others.',
  );
}
