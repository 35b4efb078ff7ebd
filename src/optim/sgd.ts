// Stochastic gradient descent, with momentum and Nesterov's variant of it.
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { LearningRate } from './scale.js';
import type { GradientTransformation } from './transformation.js';
import { zipTrees } from '../core/tree.js';
import { add, mul } from '../engine/ops/arithmetic.js';
import { scaleByLearningRate } from './scale.js';
import { chain, zerosLike } from './transformation.js';

export interface SgdOptions {
  readonly learningRate: LearningRate;
  /** Share of the last step that is kept, in [0, 1). Default: 0. */
  readonly momentum?: number;
  /** Default: false. */
  readonly nesterov?: boolean;
}

type MomentumState<T> = {
  /** Like the parameters. */
  readonly momentum: Tree<T>;
};

/**
 * b' = momentum b + g; the update is b', or with Nesterov g + momentum b'.
 * Source: Sutskever et al. 2013, in PyTorch's form, where the learning rate is outside of b.
 */
export function accumulateMomentum(
  momentum: number,
  nesterov = false,
): GradientTransformation<MomentumState<Tensor>> {
  return {
    init: (parameters): MomentumState<TensorData> => ({ momentum: zerosLike(parameters) }),
    update(updates, state) {
      const buffers = zipTrees(state.momentum, updates, (b, update) => add(mul(b, momentum), update.value()));
      const next = zipTrees(updates, buffers, (update, b) =>
        update.towards(nesterov ? add(update.value(), mul(b, momentum)) : b),
      );
      return { updates: next, state: { momentum: buffers } };
    },
  };
}

/** parameter -= learningRate * update, where the update is the gradient or its momentum. */
export function sgd({ learningRate, momentum = 0, nesterov = false }: SgdOptions): GradientTransformation {
  const descent = scaleByLearningRate(learningRate);
  return momentum === 0 ? descent : chain(accumulateMomentum(momentum, nesterov), descent);
}
