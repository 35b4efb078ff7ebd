// What training on examples asks of data, model and validation. Knows no particular task.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { RowBatch } from '../data/index.js';
import type { Tensor } from '../engine/graph.js';
import type { Named } from './row-table.js';
import type { Loss } from './trainable.js';
import { ConfigError } from '../core/errors.js';
import { sameShape } from '../core/shape.js';
import { mapLeaves } from '../core/tree.js';
import { formatType } from '../engine/graph.js';

/** Examples to learn from, as tensors whose shapes are few: a graph is compiled for each. */
export interface Examples {
  /** The length that decides which bucket an example goes into, for each example: its tokens, or those of its longer side. */
  readonly lengths: ArrayLike<number>;
  /**
   * The tensors of a batch, by name. Shapes depend on `batch.length` and `batch.batchSize` alone; rows behind `batch.rows`
   * only fill the batch and must not count in the loss (a target of -1, a length or weight of 0).
   * @param random a stream of this step alone: dynamic masks, dropped words; a resumed run draws the same
   * @param parameters reads what the model knows by now, for examples that it has to make itself; good until this returns
   */
  tensors(
    batch: RowBatch,
    random: Random,
    parameters: () => Promise<Tree<TensorData>>,
  ): Named<TensorData> | Promise<Named<TensorData>>;
  /** Releases what making examples needed. */
  dispose?(): Promise<void>;
}

/** A model that learns from examples. */
export interface ExampleModel {
  /**
   * New parameters, the same for the same random stream; some may come from elsewhere (`startFrom`). A resumed run asks
   * only for their names and shapes.
   */
  init(random: Random): Tree<TensorData>;
  /**
   * The loss of a batch: training minimizes `loss`, plus `auxiliaryLoss` if there is one. `count` is what `tokens` of the run's state counts.
   * @param batch the tensors of `Examples.tensors`
   * @param key uint32[2] for dropout
   */
  loss(parameters: Tree<Tensor>, batch: Named<Tensor>, key: Tensor): Loss;
}

/** What decides which checkpoint is the best, and when nothing gets better any more. */
export interface Validation {
  /** The name of one of the numbers that `measure` gives. */
  readonly metric: string;
  readonly higherIsBetter: boolean;
  /**
   * Numbers by name, of which `metric` is finite; all of them go into the metrics file, as `validation` and their name.
   * @param parameters as values, good until this returns
   */
  measure(parameters: Tree<TensorData>): Promise<Named<number>>;
}

/**
 * A model that begins with parameters from elsewhere where they fit by path, as from a run it is based on.
 * @param known what to begin with, by the path in the model's own parameters
 */
export function startFrom(model: ExampleModel, known: ReadonlyMap<string, TensorData>): ExampleModel {
  return {
    init: (random) =>
      mapLeaves(model.init(random), (leaf: TensorData, path) => taken(known.get(path), leaf, path)),
    loss: (parameters, batch, key) => model.loss(parameters, batch, key),
  };
}

function taken(known: TensorData | undefined, leaf: TensorData, path: string): TensorData {
  if (known === undefined) return leaf;
  if (known.dtype === leaf.dtype && sameShape(known.shape, leaf.shape)) return known;
  throw new ConfigError(
    `The parameter "${path}" to begin with is ${formatType(known)}, and this model's is ${formatType(leaf)}. Use sizes like those of the run it comes from.`,
    { fields: { path } },
  );
}
