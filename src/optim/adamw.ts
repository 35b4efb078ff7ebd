// AdamW: Adam with weight decay that does not pass through its moments.
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { LearningRate } from './scale.js';
import type { GradientTransformation } from './transformation.js';
import type { DecayRule } from './weight-decay.js';
import { zipTrees } from '../core/tree.js';
import { add, div, mul, square } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { exp, neg, sqrt, tanh } from '../engine/ops/unary.js';
import { scaleByLearningRate } from './scale.js';
import { chain, stepZero, zerosLike } from './transformation.js';
import { addDecayedWeights } from './weight-decay.js';

export interface AdamOptions {
  /** Share of the first moment that is kept. Default: 0.9. */
  readonly beta1?: number;
  /** Share of the second moment that is kept. Default: 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment. Default: 1e-8. */
  readonly epsilon?: number;
}

export interface AdamwOptions extends AdamOptions {
  readonly learningRate: LearningRate;
  /** Decay of matrices, or a rule that gives each parameter its own. Default: 0.01. */
  readonly weightDecay?: number | DecayRule;
}

type AdamState<T> = {
  /** Steps done, int32 scalar. */
  readonly step: T;
  /** Moving mean of gradients, like the parameters. Not corrected for its start at zero. */
  readonly firstMoment: Tree<T>;
  /** Moving mean of squared gradients, like the parameters. Not corrected either. */
  readonly secondMoment: Tree<T>;
};

/** 1 - beta^step, without the cancellation that 1 - 0.999 has in float32: 1 - e^-x = tanh(x / 2) (1 + e^-x). */
function oneMinusPower(beta: number, step: Tensor): Tensor {
  const x = mul(cast(step, 'float32'), -Math.log(beta));
  return mul(tanh(mul(x, 0.5)), add(exp(neg(x)), 1));
}

/**
 * m' = beta1 m + (1 - beta1) g and v' = beta2 v + (1 - beta2) g^2; the update is m^ / (sqrt(v^) + epsilon), where
 * m^ = m' / (1 - beta1^t) and v^ = v' / (1 - beta2^t). Source: Kingma and Ba 2015, algorithm 1.
 *
 * Both corrections are taken out as scalars: m^ / (sqrt(v^) + epsilon) = r / (1 - beta1^t) * m' / (sqrt(v') + r epsilon)
 * with r = sqrt(1 - beta2^t).
 */
export function scaleByAdam(options: AdamOptions = {}): GradientTransformation<AdamState<Tensor>> {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  return {
    init: (parameters): AdamState<TensorData> => ({
      step: stepZero(),
      firstMoment: zerosLike(parameters),
      secondMoment: zerosLike(parameters),
    }),
    update(updates, state) {
      const step = add(state.step, 1);
      const firstMoment = zipTrees(state.firstMoment, updates, (m, update) =>
        add(mul(m, beta1), update.scaledBy(1 - beta1).value()),
      );
      const secondMoment = zipTrees(state.secondMoment, updates, (v, update) =>
        add(mul(v, beta2), square(update.scaledBy(Math.sqrt(1 - beta2)).value())),
      );
      const r = sqrt(oneMinusPower(beta2, step));
      const scale = div(r, oneMinusPower(beta1, step));
      const directions = zipTrees(firstMoment, secondMoment, (m, v) => div(m, add(sqrt(v), mul(r, epsilon))));
      const next = zipTrees(updates, directions, (update, direction) => update.towards(direction, scale));
      return { updates: next, state: { step, firstMoment, secondMoment } };
    },
  };
}

/**
 * Adam, with weights that shrink by learningRate * weightDecay of themselves each step, apart from the gradient.
 * Matrices decay; vectors do not. Source: Loshchilov and Hutter 2019, algorithm 2, with PyTorch's schedule of the decay.
 */
export function adamw({ learningRate, weightDecay = 0.01, ...adam }: AdamwOptions): GradientTransformation {
  return chain(scaleByAdam(adam), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate));
}
