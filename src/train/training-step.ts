// Optimizer steps as one compiled graph: loss, gradients, update, any number of times. Knows nothing of epochs, files or when to stop.
import type { Random } from '../core/random.js';
import type { CompiledProgram, Executable, StepResult } from '../engine/compile.js';
import type { Tensor, TensorType } from '../engine/graph.js';
import type { DeviceState, Runtime } from '../engine/runtime/runtime.js';
import type { Batch } from '../data/index.js';
import type { StepInputs, TrainingTrees } from './loss-and-gradient.js';
import type { TrainingSettings } from './settings.js';
import type { Trainable } from './trainable.js';
import { allocate } from '../core/dtype.js';
import { invariant } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import { buildProgram, compile } from '../engine/compile.js';
import { scan } from '../engine/ops/scan.js';
import { int32, Type } from '../engine/trace.js';
import { lossAndGradient } from './loss-and-gradient.js';
import { move } from './move.js';

/** What a step tells. Scalars, float32. */
export interface StepOutputs<T> {
  /** Mean over the targets of the step, in nats. */
  readonly loss: T;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: T;
  readonly learningRate: T;
}

/** One step: the trees after it, and what it tells. */
function step(
  model: Trainable,
  settings: TrainingSettings,
  { parameters, optimizer: state, memory }: TrainingTrees<Tensor>,
  inputs: StepInputs<Tensor>,
): { readonly trees: TrainingTrees<Tensor>; readonly outputs: StepOutputs<Tensor> } {
  const trees = { parameters, ...(memory && { memory }) };
  const { loss, gradient, memory: after } = lossAndGradient(model, trees, inputs, settings);
  const { learningRate, gradientNorm, ...moved } = move(settings, { parameters, optimizer: state }, gradient);
  return {
    trees: { ...moved, ...(after && { memory: after }) },
    outputs: { loss, gradientNorm, learningRate },
  };
}

/**
 * Steps one after another, in a scan: between them the trees only change hands, where between two calls they are copied.
 * A single step is a scan as well, so that a run ends with the same bits however its steps are grouped.
 * See docs/decisions/one-graph-several-steps.md.
 */
function stepsFunction(model: Trainable, settings: TrainingSettings) {
  return (trees: TrainingTrees<Tensor>, inputs: StepInputs<Tensor>): StepResult<StepOutputs<Tensor>> => {
    const { carry, ys } = scan(
      (before: TrainingTrees<Tensor>, own: StepInputs<Tensor>) => {
        const { trees: after, outputs } = step(model, settings, before, own);
        return { carry: after, y: outputs };
      },
      trees,
      inputs,
    );
    return { state: { ...carry }, outputs: ys };
  };
}

function signature(trees: TrainingTrees<TensorType>, settings: TrainingSettings, steps: number) {
  const { accumulation, batchSize, blockLength } = settings;
  const block = int32(steps, accumulation, batchSize, blockLength);
  const inputs: StepInputs<TensorType> = {
    inputs: block,
    targets: block,
    keys: new Type('uint32', [steps, accumulation, 2]),
  };
  return { state: trees, inputs };
}

/** Steps keep the old state when a loss or gradient of theirs is not finite. */
const options = { guards: ['loss', 'gradientNorm'] };

/**
 * Steps as a graph and as the bytes of an `.onnx` file, for whoever wants to look at it or run it elsewhere.
 * Inputs and outputs are those of `StepInputs` and `StepOutputs` with an axis [steps] in front.
 */
export function buildTrainingSteps(
  model: Trainable,
  trees: TrainingTrees<TensorType>,
  settings: TrainingSettings,
  steps = 1,
): CompiledProgram<StepInputs<TensorType>, StepOutputs<Tensor>> {
  return buildProgram(stepsFunction(model, settings), signature(trees, settings, steps), options);
}

/** The values that a step reads. @param random gives each micro-batch a key of its own */
export function stepInputs(
  { inputs, targets }: Batch,
  random: Random,
  { accumulation, batchSize, blockLength }: TrainingSettings,
): StepInputs<TensorData> {
  const shape = [accumulation, batchSize, blockLength];
  const keys = Uint32Array.from(
    { length: 2 * accumulation },
    (_, i) => random.split(Math.floor(i / 2)).graphKey()[i % 2] ?? 0,
  );
  return {
    inputs: new TensorData('int32', shape, inputs.data),
    targets: new TensorData('int32', shape, targets.data),
    keys: new TensorData('uint32', [accumulation, 2], keys),
  };
}

/** The values that several steps read, with an axis [steps] in front. */
export function stackInputs(steps: readonly StepInputs<TensorData>[]): StepInputs<TensorData> {
  const stacked = (name: keyof StepInputs<unknown>): TensorData =>
    stackValues(steps.map((inputs) => inputs[name]));
  return { inputs: stacked('inputs'), targets: stacked('targets'), keys: stacked('keys') };
}

/** Tensors of one type joined along a new first axis. */
function stackValues(tensors: readonly TensorData[]): TensorData {
  const [first] = tensors;
  invariant(first !== undefined, 'There is at least one step.');
  const data = allocate(first.dtype, tensors.length * first.data.length);
  tensors.forEach((tensor, i) => data.set(tensor.data, i * first.data.length));
  return new TensorData(first.dtype, [tensors.length, ...first.shape], data);
}

/** A number of compiled steps that run in one call. */
export class TrainingSteps {
  readonly count: number;
  private readonly executable: Executable<StepInputs<TensorType>, StepOutputs<Tensor>>;

  private constructor(executable: Executable<StepInputs<TensorType>, StepOutputs<Tensor>>, count: number) {
    this.executable = executable;
    this.count = count;
  }

  /** @throws {ShapeError} when the model does not accept its inputs */
  static async compile(
    runtime: Runtime,
    model: Trainable,
    trees: TrainingTrees<TensorType>,
    settings: TrainingSettings,
    count = 1,
  ): Promise<TrainingSteps> {
    const steps = stepsFunction(model, settings);
    return new TrainingSteps(
      await compile(runtime, steps, signature(trees, settings, count), options),
      count,
    );
  }

  /**
   * Does the steps: `state` moves on, unless a number of the result is not finite.
   * @param inputs as many as there are steps
   */
  async run(
    state: DeviceState,
    inputs: readonly StepInputs<TensorData>[],
  ): Promise<readonly StepOutputs<number>[]> {
    invariant(
      inputs.length === this.count,
      `${this.count} steps were compiled, and ${inputs.length} are to be done.`,
    );
    const { loss, gradientNorm, learningRate } = await this.executable.run(state, stackInputs(inputs));
    return inputs.map((_, i) => ({
      loss: numberAt(loss, i),
      gradientNorm: numberAt(gradientNorm, i),
      learningRate: numberAt(learningRate, i),
    }));
  }

  dispose(): Promise<void> {
    return this.executable.dispose();
  }
}

function numberAt(vector: TensorData, index: number): number {
  return vector.data[index] ?? Number.NaN;
}
