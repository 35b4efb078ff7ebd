// Finds the tensor through which a training step stopped being finite. Knows nothing of the optimizer.
import type { TensorData } from '../core/tensor-data.js';
import type { Node, Tensor, TensorType } from '../engine/graph.js';
import type { DeviceState, Runtime } from '../engine/runtime/runtime.js';
import type { TrainingSettings } from './settings.js';
import type { LossTrees, StepInputs } from './loss-and-gradient.js';
import type { Trainable } from './trainable.js';
import { isFloat } from '../core/dtype.js';
import { flattenTree } from '../core/tree.js';
import { compile } from '../engine/compile.js';
import { dependents } from '../engine/grad.js';
import { formatType, nodesBefore } from '../engine/graph.js';
import { cast } from '../engine/ops/cast.js';
import { equal, isFinite, not, or } from '../engine/ops/comparison.js';
import { sum } from '../engine/ops/reduce.js';
import { stack } from '../engine/ops/slicing.js';
import { typesOf } from '../engine/trace.js';
import { lossAndGradient } from './loss-and-gradient.js';

/** A tensor of the step, in words: `parameter "head.weight"`. */
interface Suspect {
  readonly name: string;
  readonly tensor: Tensor;
}

/**
 * Runs a step again, without its update, and looks at every tensor in the order in which they are computed.
 * @param state as it was before the step
 * @returns the first that has a NaN or an infinity, in words; `undefined` when all are finite
 */
export async function firstNonFinite(
  runtime: Runtime,
  model: Trainable,
  trees: LossTrees<TensorType>,
  state: DeviceState,
  inputs: StepInputs<TensorData>,
  settings: TrainingSettings,
): Promise<string | undefined> {
  let names: readonly string[] = [];
  const diagnose = (own: LossTrees<Tensor>, inputs: StepInputs<Tensor>) => {
    const found = suspects(model, own, inputs, settings);
    names = found.map(({ name }) => name);
    return { outputs: { counts: stack(found.map(({ tensor }) => countNonFinite(tensor))) } };
  };
  const executable = await compile(runtime, diagnose, { state: trees, inputs: typesOf(inputs) });
  try {
    const { counts } = await executable.run(state, inputs);
    return names[counts.data.findIndex((count: number) => count > 0)];
  } finally {
    await executable.dispose();
  }
}

/** Parameters, then what the model computes, then the loss, then gradients from the last layer to the first. */
function suspects(
  model: Trainable,
  trees: LossTrees<Tensor>,
  inputs: StepInputs<Tensor>,
  settings: TrainingSettings,
): Suspect[] {
  const { parameters } = trees;
  const { loss, gradient } = lossAndGradient(model, trees, inputs, settings);
  const known = flattenTree(parameters);
  const sources = new Set(known.values());
  // What does not depend on parameters, such as masks, may well be infinite.
  const forward = [...dependents(nodesBefore([loss], sources), sources)];
  const activations = forward.flatMap((node) =>
    node.outputs.map((tensor) => ({ name: `activation ${nameOf(node)} ${formatType(tensor)}`, tensor })),
  );
  const gradients = [...flattenTree(gradient)].toReversed();
  return [
    ...[...known].map(([path, tensor]) => ({ name: `parameter "${path}"`, tensor })),
    ...activations.filter(({ tensor }) => isFloat(tensor.dtype)),
    { name: 'loss', tensor: loss },
    ...gradients.map(([path, tensor]) => ({ name: `gradient of "${path}"`, tensor })),
  ];
}

function nameOf({ op, scope }: Node): string {
  return scope === '' ? `of ${op.name}` : `of ${op.name} in "${scope}"`;
}

/** How many elements are NaN or infinite. Minus infinity is how attention hides positions, so it does not count. */
function countNonFinite(tensor: Tensor): Tensor {
  return sum(cast(not(or(isFinite(tensor), equal(tensor, -Infinity))), 'float32'));
}
