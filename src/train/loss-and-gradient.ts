// The loss of one step and its gradients, over any number of micro-batches. Knows nothing of optimizers.
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { MovingAverage } from '../optim/index.js';
import type { CrossEntropy } from '../nn/cross-entropy.js';
import type { TrainingSettings } from './settings.js';
import type { Trainable } from './trainable.js';
import { mapLeaves, zipTrees } from '../core/tree.js';
import { gradients } from '../engine/grad.js';
import { add, div, maximum, mul } from '../engine/ops/arithmetic.js';
import { full } from '../engine/ops/constant.js';
import { broadcastTo, reshape } from '../engine/ops/layout.js';
import { scan } from '../engine/ops/scan.js';
import { asOnly, firstOf, inOrderOf } from './carried-state.js';

/** Everything that a step changes. The paths of its leaves name the tensors on the device. */
export interface TrainingTrees<T> {
  readonly parameters: Tree<T>;
  readonly optimizer: Tree<T>;
  /** What the model remembers from batch to batch, [accumulation, ...]; only where the settings carry it. */
  readonly memory?: Tree<T>;
  /** A moving average of the parameters; only where the settings ask for one. */
  readonly average?: MovingAverage<T>;
}

/** What a step reads, micro-batch by micro-batch. */
export interface StepInputs<T> {
  /** int32 [accumulation, batch, time] */
  readonly inputs: T;
  /** int32 [accumulation, batch, time] */
  readonly targets: T;
  /** uint32 [accumulation, 2]: what dropout draws from */
  readonly keys: T;
}

/** A loss with its gradients, and what is remembered after it. */
interface Differentiated {
  readonly loss: Tensor;
  readonly gradient: Tree<Tensor>;
  readonly memory?: Tree<Tensor>;
}

/** What a step computes its loss from. */
export type LossTrees<T> = Pick<TrainingTrees<T>, 'parameters' | 'memory'>;

/**
 * Mean loss of the step, and the gradients of what is minimized, whatever the number of micro-batches. The memory is an
 * input like the tokens: no gradient flows into the step before.
 */
export function lossAndGradient(
  model: Trainable,
  { parameters, memory }: LossTrees<Tensor>,
  inputs: StepInputs<Tensor>,
  { lossReduction, blockLength }: Pick<TrainingSettings, 'lossReduction' | 'blockLength'>,
): Differentiated {
  const weight = lossReduction === 'mean' ? 1 : blockLength;
  const micro = { ...inputs, ...(memory && { memory }) };
  return inputs.inputs.shape[0] === 1
    ? ofOneBatch(model, parameters, micro, weight)
    : accumulated(model, parameters, micro, weight);
}

/** What one step reads, with what is remembered before it. */
type Micro = StepInputs<Tensor> & { readonly memory?: Tree<Tensor> };

function ofOneBatch(
  model: Trainable,
  parameters: Tree<Tensor>,
  micro: Micro,
  weight: number,
): Differentiated {
  const { inputs, targets, keys, memory } = micro;
  const block = inputs.shape.slice(1);
  const { loss, auxiliaryLoss, state } = model.loss(
    parameters,
    reshape(inputs, block),
    reshape(targets, block),
    { key: reshape(keys, [2]), ...(memory && { state: firstOf(memory) }) },
  );
  const objective = scaled(auxiliaryLoss === undefined ? loss : add(loss, auxiliaryLoss), weight);
  const gradient = gradients(objective, parameters) as Tree<Tensor>;
  return { loss, gradient, ...(memory && state && { memory: inOrderOf(memory, asOnly(state)) }) };
}

/** Sums losses and gradients over micro-batches, then divides by the number of targets, so that each counts the same. */
function accumulated(
  model: Trainable,
  parameters: Tree<Tensor>,
  micro: Micro,
  weight: number,
): Differentiated {
  type Sums = Pick<CrossEntropy<Tensor>, 'sum' | 'count'> & { readonly gradient: Tree<Tensor> };
  const zeros = mapLeaves(parameters, (leaf: Tensor) => broadcastTo(full(0), leaf.shape));
  const { carry, ys } = scan(
    (before: Sums, { inputs, targets, keys: key, memory }: Micro) => {
      const own = { key, ...(memory && { state: memory }) };
      const { sum, count, auxiliaryLoss, state } = model.loss(parameters, inputs, targets, own);
      const objective = auxiliaryLoss === undefined ? sum : add(sum, mul(auxiliaryLoss, count));
      const gradient = gradients(objective, parameters) as Tree<Tensor>;
      const total = zipTrees<Tensor, Tensor, Tensor>(before.gradient, gradient, (a, b) => add(a, b));
      return {
        carry: { sum: add(before.sum, sum), count: add(before.count, count), gradient: total },
        y: memory && state ? { memory: inOrderOf(memory, state) } : {},
      };
    },
    { sum: full(0), count: full(0), gradient: zeros },
    micro,
  );
  const count = maximum(carry.count, 1);
  const divisor = scaled(count, 1 / weight);
  return {
    loss: div(carry.sum, count),
    gradient: mapLeaves(carry.gradient, (gradient: Tensor) => div(gradient, divisor)),
    ...ys,
  };
}

/** weight * x; a weight of 1 leaves no node behind. */
function scaled(x: Tensor, weight: number): Tensor {
  return weight === 1 ? x : mul(x, weight);
}
