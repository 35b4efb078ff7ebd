// What training asks of a model. Knows no particular model.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { CrossEntropy } from '../nn/cross-entropy.js';

/** A tree of parameters, as values or inside of a graph. */
export type Parameters<T> = Tree<T>;

/** What a model says of a batch. */
export interface Loss extends CrossEntropy<Tensor> {
  /** Scalar that training minimizes beside the mean loss, already weighted. Not part of any figure that is reported. */
  readonly auxiliaryLoss?: Tensor;
  /** What the model remembers after the batch, of the types of `initialState`. */
  readonly state?: Tree<Tensor>;
}

export interface LossOptions {
  /** uint32[2] for dropout, absent in evaluation. */
  readonly key?: Tensor;
  /** What the model remembers of what came before; default: nothing. */
  readonly state?: Tree<Tensor>;
}

/** A model of token sequences that can be trained. */
export interface Trainable {
  /** Tokens that its memory can hold. Absent: no bound. */
  readonly maxLength?: number;
  /** New parameters, the same for the same random stream. */
  init(random: Random): Parameters<TensorData>;
  /** What it remembers of `batch` sequences before anything was read. Absent: it remembers nothing from batch to batch. */
  initialState?(batch: number): Tree<TensorData>;
  /**
   * @param inputs int32 [batch, time]
   * @param targets int32 [batch, time]; -1 is not counted
   */
  loss(parameters: Parameters<Tensor>, inputs: Tensor, targets: Tensor, options?: LossOptions): Loss;
}
