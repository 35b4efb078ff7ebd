// Brings results of chunks back to the text that they were cut from. Knows nothing of the models that made the results.
import { invariant } from '../core/errors.js';
import type { Chunk } from './chunks.js';
import type { Span } from './span.js';

/** Where a chunk stands in its source. */
export type ChunkPlace = Pick<Chunk, 'start' | 'freshStart' | 'end'>;

/** A span of a chunk's text as a span of the source. */
export function sourceSpan({ start: offset }: Pick<ChunkPlace, 'start'>, { start, end }: Span): Span {
  return { start: offset + start, end: offset + end };
}

/**
 * `mean`: the average of the probabilities; `geometric-mean`: of their logarithms, renormalised (a class that one chunk rules out is
 * ruled out); `max`: the highest of each class, renormalised (one chunk is enough).
 */
export type Pooling = 'mean' | 'geometric-mean' | 'max';

/** Probabilities of the classes of one chunk. */
export interface ChunkProbabilities {
  readonly chunk: ChunkPlace;
  readonly probabilities: ArrayLike<number>;
}

/**
 * Probabilities of the classes of the whole text, summing to 1. A chunk weighs as much as the text that it is the first
 * to hold, so that overlap does not count twice.
 */
export function poolProbabilities(
  results: readonly ChunkProbabilities[],
  pooling: Pooling = 'mean',
): Float64Array {
  const size = results[0]?.probabilities.length ?? 0;
  invariant(
    results.every(({ probabilities }) => probabilities.length === size),
    'Chunks have different classes.',
  );
  const weights = results.map(({ chunk }) => chunk.end - chunk.freshStart);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const pooled = Float64Array.from({ length: size }, (_, label) => {
    const values = results.map(({ probabilities }) => probabilities[label] ?? 0);
    if (pooling === 'max') return Math.max(...values);
    const average = (transform: (value: number) => number): number =>
      values.reduce((sum, value, i) => sum + ((weights[i] ?? 0) / total) * transform(value), 0);
    return pooling === 'mean' ? average((value) => value) : Math.exp(average(Math.log));
  });
  const sum = pooled.reduce((a, b) => a + b, 0);
  return sum === 0 ? pooled.fill(1 / size) : pooled.map((value) => value / sum);
}

/** A stretch of the text with the score that it is what was looked for, such as the answer to a question. */
export interface ScoredSpan extends Span {
  /** Comparable between chunks: a logit or log-probability, not a probability that was normalised within its chunk. */
  readonly score: number;
}

/** What was found in one chunk, by positions in the chunk's text. */
export interface ChunkSpans<S extends ScoredSpan> {
  readonly chunk: ChunkPlace;
  readonly spans: readonly S[];
}

/**
 * The best spans of all chunks in the order of their scores, by positions in the source. Of spans that overlap only the best stays, so
 * that what two chunks found in their overlap is there once.
 */
export function mergeSpans<S extends ScoredSpan>(results: readonly ChunkSpans<S>[], count = Infinity): S[] {
  const all = results.flatMap(({ chunk, spans }) =>
    spans.map((span) => ({ ...span, ...sourceSpan(chunk, span) })),
  );
  const best: S[] = [];
  for (const span of all.sort((a, b) => b.score - a.score || a.start - b.start || a.end - b.end)) {
    if (best.length >= count) break;
    if (best.every((other) => other.end <= span.start || span.end <= other.start)) best.push(span);
  }
  return best;
}

/** A stretch of the text, mostly a token or word, with the probabilities of its labels. */
export interface LabelledSpan extends Span {
  readonly probabilities: ArrayLike<number>;
}

/** The labels of one chunk, by positions in the chunk's text. */
export interface ChunkLabels {
  readonly chunk: ChunkPlace;
  readonly labels: readonly LabelledSpan[];
}

/**
 * Labels of the whole text in reading order, by positions in the source. A span that several chunks labelled gets the mean of their
 * probabilities, each weighted by how far the span is from the nearer edge of its chunk: there the model saw most around it.
 */
export function mergeLabels(results: readonly ChunkLabels[]): LabelledSpan[] {
  const merged = new Map<string, { span: Span; weight: number; sums: Float64Array }>();
  for (const { chunk, labels } of results) {
    for (const label of labels) {
      const span = sourceSpan(chunk, label);
      const weight = 1 + Math.min(label.start, chunk.end - span.end);
      const key = `${span.start}-${span.end}`;
      const entry = merged.get(key) ?? {
        span,
        weight: 0,
        sums: new Float64Array(label.probabilities.length),
      };
      entry.weight += weight;
      entry.sums.forEach((sum, i) => (entry.sums[i] = sum + weight * (label.probabilities[i] ?? 0)));
      merged.set(key, entry);
    }
  }
  return [...merged.values()]
    .map(({ span: { start, end }, weight, sums }) => ({
      start,
      end,
      probabilities: sums.map((sum) => sum / weight),
    }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
}
