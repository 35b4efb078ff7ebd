// What is about to happen to a parameter, with its scalar factors kept apart until the end. Knows no optimizer.
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { TensorLike } from '../engine/ops/constant.js';
import { mapLeaves, zipTrees } from '../core/tree.js';
import { add, mul } from '../engine/ops/arithmetic.js';

/** A number known while tracing, or a float32 scalar known when the graph runs. */
export type Scalar = TensorLike;

/** a * b, computed while tracing where it can be: a factor of 0 or 1 leaves no node behind. */
function product(a: Scalar, b: Scalar): Scalar {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (a === 0 || b === 0) return 0;
  if (a === 1) return b;
  return b === 1 ? a : mul(a, b);
}

/** a + b, computed while tracing where it can be. */
function total(a: Scalar, b: Scalar): Scalar {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === 0) return b;
  return b === 0 ? a : add(a, b);
}

/** factor * x. A factor of 1 costs nothing. */
function scaled(x: Tensor, factor: Scalar): Tensor {
  return factor === 1 ? x : mul(x, factor);
}

/**
 * The update `scale * direction + decay * parameter` of one parameter. Transformations that only scale, such as clipping
 * and learning rates, multiply the two scalars; the large tensors are read once, by whoever needs their values.
 */
export class Update {
  readonly parameter: Tensor;
  readonly direction: Tensor;
  readonly scale: Scalar;
  readonly decay: Scalar;

  constructor(parameter: Tensor, direction: Tensor, scale: Scalar = 1, decay: Scalar = 0) {
    this.parameter = parameter;
    this.direction = direction;
    this.scale = scale;
    this.decay = decay;
  }

  scaledBy(factor: Scalar): Update {
    const { parameter, direction, scale, decay } = this;
    return new Update(parameter, direction, product(scale, factor), product(decay, factor));
  }

  /** This update plus `decay` times the parameter. */
  plusDecay(decay: Scalar): Update {
    return new Update(this.parameter, this.direction, this.scale, total(this.decay, decay));
  }

  /** The same parameter with another direction, which stands for all of this update. */
  towards(direction: Tensor, scale: Scalar = 1): Update {
    return new Update(this.parameter, direction, scale);
  }

  /** The update as one tensor. */
  value(): Tensor {
    const step = scaled(this.direction, this.scale);
    return this.decay === 0 ? step : add(step, scaled(this.parameter, this.decay));
  }

  /** The parameter after the update. */
  applied(): Tensor {
    const kept = scaled(this.parameter, total(1, this.decay));
    return add(kept, scaled(this.direction, this.scale));
  }
}

/** Gradients as the updates that an optimizer starts from. */
export function updatesFrom(gradients: Tree<Tensor>, parameters: Tree<Tensor>): Tree<Update> {
  return zipTrees(parameters, gradients, (parameter, gradient) => new Update(parameter, gradient));
}

/** The parameters after their updates. */
export function applyUpdates(updates: Tree<Update>): Tree<Tensor> {
  return mapLeaves(updates, (update: Update) => update.applied());
}
