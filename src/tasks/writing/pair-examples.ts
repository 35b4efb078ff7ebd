// Pairs as examples to learn from: batches padded on both sides. Knows nothing of text.
import type { TensorData } from '../../core/tensor-data.js';
import type { RowBatch } from '../../data/index.js';
import type { Tensor } from '../../engine/graph.js';
import type { SequenceToSequence } from '../../models/index.js';
import type { ExampleModel, Examples, Named } from '../../train/index.js';
import type { EncodedPair, PairIds } from './pair-tokens.js';
import type { Tree } from '../../core/tree.js';
import { padRows } from '../../data/index.js';

/** The tensors of a batch of pairs. */
export interface PairBatch<T> {
  /** int32 [batch, sourceTime] */
  readonly source: T;
  /** int32 [batch] */
  readonly sourceLengths: T;
  /** int32 [batch, time]: the start token and all but the last target */
  readonly inputs: T;
  /** int32 [batch, time]; -1 is not counted */
  readonly targets: T;
}

const ignored = -1;

/**
 * Batches of pairs. Both sides are padded to the length of the batch, but none further than the longest that there is on
 * that side: summaries beside long texts do not cost what the texts do.
 */
export function pairExamples(pairs: readonly EncodedPair[], ids: PairIds): Examples {
  const longest = (side: keyof EncodedPair): number =>
    pairs.reduce((most, pair) => Math.max(most, pair[side].length), 1);
  const [sourceTime, time] = [longest('source'), longest('target')];
  return {
    lengths: pairs.map(({ source, target }) => Math.max(source.length, target.length)),
    tensors: ({ rows, batchSize, length }: RowBatch) =>
      pairBatch(
        rows.flatMap((row) => pairs[row] ?? []),
        { batchSize, sourceTime: Math.min(length, sourceTime), time: Math.min(length, time) },
        ids,
      ),
  };
}

interface PairShape {
  readonly batchSize: number;
  readonly sourceTime: number;
  readonly time: number;
}

/** Pairs as tensors. Rows behind them are empty sources with targets that do not count. */
export function pairBatch(
  pairs: readonly EncodedPair[],
  { batchSize, sourceTime, time }: PairShape,
  { padId, startToken }: PairIds,
): Named<TensorData> & PairBatch<TensorData> {
  const padded = (rows: readonly (readonly number[])[], length: number, fill: number) =>
    padRows(rows, { batchSize, length }, fill);
  const source = padded(
    pairs.map((pair) => pair.source),
    sourceTime,
    padId,
  );
  const targets = pairs.map(({ target }) => target);
  const inputs = targets.map((target) => [startToken, ...target.slice(0, -1)]);
  return {
    source: source.ids,
    sourceLengths: source.lengths,
    inputs: padded(inputs, time, padId).ids,
    targets: padded(targets, time, ignored).ids,
  };
}

/** An encoder-decoder that learns from pairs by cross-entropy. */
export function pairModel(model: SequenceToSequence, labelSmoothing: number): ExampleModel {
  return {
    init: (random) => model.init(random) as Tree<TensorData>,
    loss: (parameters, batch, key) =>
      model.loss(parameters, batch as unknown as PairBatch<Tensor>, { key, labelSmoothing }),
  };
}

/**
 * The same without smoothing and without dropout: texts that a model drew itself become likelier or less likely under the very
 * probabilities that they were drawn by.
 */
export function exactPairModel(model: SequenceToSequence): ExampleModel {
  return {
    ...pairModel(model, 0),
    loss: (parameters, batch) => model.loss(parameters, batch as unknown as PairBatch<Tensor>),
  };
}
