// The contract of a metric on texts, and what follows from it for every one: scores of a segment and of a corpus.
// Knows nothing of any one metric.
import { DataError } from '../core/errors.js';
import { requirePaired, requireSome } from './checks.js';

export interface Score {
  readonly score: number;
}

/** Counts of one segment that can be added: the sum over segments is all that a corpus score needs. */
export type Statistics = readonly number[];

/**
 * A metric that compares a text with one or several references. Segments become statistics, statistics add up, a sum
 * becomes a score; so corpus, segment and bootstrap scores are the same arithmetic on different sums.
 */
export interface TextMetric<S extends Score = Score> {
  /** As it is printed: `BLEU`, `chrF2++`, `ROUGE-L`. */
  readonly name: string;
  /** What the best possible score is when higher is better, or a wholly wrong one of an error rate: 100 or 1. */
  readonly scale: 100 | 1;
  readonly higherIsBetter: boolean;
  /** Everything that changes the score, in the order of the signature. The last entry is the version. */
  readonly settings: Readonly<Record<string, string>>;
  /** @param references at least one */
  statistics(hypothesis: string, references: readonly string[]): Statistics;
  scoreOf(statistics: Statistics): S;
}

/** The references of each hypothesis: one text, or a list of at least one. The lists may differ in length. */
export type References = readonly (string | readonly string[])[];

/**
 * Statistics of every segment, in order.
 *
 * @throws {DataError} when there is no hypothesis, or not one entry of `references` for each, or an empty entry
 */
export function segmentStatistics(
  metric: TextMetric,
  hypotheses: readonly string[],
  references: References,
): readonly Statistics[] {
  requirePaired('hypotheses', hypotheses, 'references', references);
  const lists = referenceLists(references);
  return hypotheses.map((hypothesis, i) => metric.statistics(hypothesis, lists[i] ?? []));
}

/** Element-wise sum. */
export function sumStatistics(segments: readonly Statistics[]): Statistics {
  const total = segments[0]?.map(() => 0) ?? [];
  for (const segment of segments) {
    for (let i = 0; i < total.length; i++) total[i] = (total[i] ?? 0) + (segment[i] ?? 0);
  }
  return total;
}

/**
 * The score of a whole corpus.
 *
 * @example
 * scoreCorpus(bleu(), ['The cat sat.'], ['The cat sat.']).score; // 100
 * @throws {DataError} as {@link segmentStatistics}
 */
export function scoreCorpus<S extends Score>(
  metric: TextMetric<S>,
  hypotheses: readonly string[],
  references: References,
): S {
  return metric.scoreOf(sumStatistics(segmentStatistics(metric, hypotheses, references)));
}

/** The score of each segment alone. @throws {DataError} as {@link segmentStatistics} */
export function scoreSegments<S extends Score>(
  metric: TextMetric<S>,
  hypotheses: readonly string[],
  references: References,
): S[] {
  return segmentStatistics(metric, hypotheses, references).map((statistics) => metric.scoreOf(statistics));
}

/**
 * Turns reference files, one after the other, into the references of each segment.
 *
 * @param files `files[r][i]` is line `i` of reference file `r`
 * @throws {DataError} when there is no file, or the files differ in length
 */
export function referencesBySegment(files: readonly (readonly string[])[]): string[][] {
  requireSome('reference files', files);
  const [first = []] = files;
  const lengths = files.map((file) => file.length);
  if (lengths.some((length) => length !== first.length)) {
    throw new DataError(`The reference files have ${lengths.join(', ')} lines: all must have as many.`, {
      fields: { lengths },
    });
  }
  return first.map((_, i) => files.map((file) => file[i] ?? ''));
}

/**
 * What was measured, how, in sacreBLEU's format: `nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:...`.
 *
 * @param extra entries about the run, such as `{ bs: '1000', seed: '1' }`
 */
export function signature(
  metric: TextMetric,
  references: References,
  extra: Record<string, string> = {},
): string {
  const counts = new Set(referenceLists(references).map((list) => list.length));
  const nrefs = counts.size === 1 ? [...counts].join() : 'var';
  const entries = Object.entries({ nrefs, ...extra, ...metric.settings });
  return entries.map(([key, value]) => `${key}:${value}`).join('|');
}

function referenceLists(references: References): readonly (readonly string[])[] {
  return references.map((entry, i) => {
    const list = typeof entry === 'string' ? [entry] : entry;
    if (list.length > 0) return list;
    throw new DataError(
      `Segment ${i + 1} of ${references.length} has no reference: at least one is needed.`,
      {
        fields: { segment: i + 1, segments: references.length },
      },
    );
  });
}

/** A metric whose corpus score is the mean of its segment scores. */
export function meanMetric(
  name: string,
  settings: Readonly<Record<string, string>>,
  scoreSegment: (hypothesis: string, references: readonly string[]) => number,
): TextMetric {
  return {
    name,
    settings,
    scale: 1,
    higherIsBetter: true,
    statistics: (hypothesis, references) => [scoreSegment(hypothesis, references), 1],
    scoreOf: ([sum = 0, count = 0]) => ({ score: sum / count }),
  };
}
