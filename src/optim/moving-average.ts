// A moving average of parameters over the steps of training: often better than the last ones. Knows no optimizer and no training loop.
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import { zipTrees } from '../core/tree.js';
import { add, div, minimum, mul, sub } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { stepZero } from './transformation.js';

export type MovingAverage<T> = {
  /** Steps done, int32 scalar. */
  readonly step: T;
  /** Like the parameters. */
  readonly weights: Tree<T>;
};

/** The average before the first step: the parameters themselves. */
export function averageOf(parameters: Tree<TensorData>): MovingAverage<TensorData> {
  return { step: stepZero(), weights: parameters };
}

/**
 * w' = w + (1 - d) (p - w), where d = min(decay, (1 + t) / (10 + t)) at step t: what is long ago, such as the first parameters, is
 * forgotten quickly at the beginning. Sources: Polyak and Juditsky 1992; the decay as in TensorFlow's `ExponentialMovingAverage` with
 * `num_updates`.
 * @param parameters after the step
 */
export function averaged(
  { step: before, weights }: MovingAverage<Tensor>,
  parameters: Tree<Tensor>,
  decay: number,
): MovingAverage<Tensor> {
  const step = add(before, 1);
  const t = cast(step, 'float32');
  const share = sub(1, minimum(div(add(t, 1), add(t, 10)), decay));
  return {
    step,
    weights: zipTrees<Tensor, Tensor, Tensor>(weights, parameters, (w, p) => add(w, mul(sub(p, w), share))),
  };
}
