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
}

/** A model of token sequences that can be trained. */
export interface Trainable {
  /** New parameters, the same for the same random stream. */
  init(random: Random): Parameters<TensorData>;
  /**
   * @param inputs int32 [batch, time]
   * @param targets int32 [batch, time]; -1 is not counted
   * @param options `key`: uint32[2] for dropout, absent in evaluation
   */
  loss(
    parameters: Parameters<Tensor>,
    inputs: Tensor,
    targets: Tensor,
    options?: { readonly key?: Tensor },
  ): Loss;
}
