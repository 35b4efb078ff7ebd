// What `mneme bench engine` times: a bare matrix product, a GPT training step, a GRU training step. Each is one compiled graph.
import type { Tree } from '../../core/tree.js';
import type { DeviceState, Runtime } from '../../engine/runtime/runtime.js';
import type { Contestant } from './measure.js';
import { Random } from '../../core/random.js';
import { sizeOf } from '../../core/shape.js';
import { TensorData } from '../../core/tensor-data.js';
import { flattenTree, leavesOf } from '../../core/tree.js';
import type { CompiledProgram, Values } from '../../engine/compile.js';
import { Executable, buildProgram } from '../../engine/compile.js';
import { gradients } from '../../engine/grad.js';
import { mul } from '../../engine/ops/arithmetic.js';
import { matmul } from '../../engine/ops/matmul.js';
import { mean, sum } from '../../engine/ops/reduce.js';
import { float32, typesOf } from '../../engine/trace.js';
import type { Tensor, TensorType } from '../../engine/graph.js';
import type { AnyMemory } from '../../memory/memory-kind.js';
import { Gru } from '../../memory/gru.js';
import { LanguageModel } from '../../models/language-model.js';
import { sgd } from '../../optim/sgd.js';
import { applyGradients } from '../../optim/transformation.js';
import { settingsFor, trainingSchema } from '../../train/settings.js';
import { initialOptimizerState } from '../../train/move.js';
import { buildTrainingSteps, stackInputs, stepInputs } from '../../train/training-step.js';

const random = Random.fromSeed(1);

export function normal(shape: readonly number[]): TensorData {
  return new TensorData(
    'float32',
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
  );
}

function ids(shape: readonly number[], bound: number): TensorData {
  return new TensorData(
    'int32',
    shape,
    Int32Array.from({ length: sizeOf(shape) }, () => random.integer(bound)),
  );
}

async function stateOf(runtime: Runtime, tree: unknown): Promise<DeviceState> {
  const state = await runtime.createState();
  await state.write(flattenTree(tree as Tree<TensorData>));
  return state;
}

/** A compiled contestant, with how long it took to get there. */
export interface Compiled extends Contestant {
  /** Trace, differentiate, optimize and lower. */
  readonly buildMs: number;
  /** ONNX Runtime's own preparation. */
  readonly loadMs: number;
  dispose(): Promise<void>;
}

/** Loads a program, with its state and its inputs, as something to time. */
export async function contestant<InputTypes, Out>(
  runtime: Runtime,
  work: { readonly name: string; readonly flops: number },
  build: () => CompiledProgram<InputTypes, Out>,
  initial: unknown,
  inputs: Values<InputTypes>,
): Promise<Compiled> {
  const start = performance.now();
  const compiled = build();
  const buildMs = performance.now() - start;
  const session = await runtime.load(compiled.program);
  const loadMs = performance.now() - start - buildMs;
  const executable = new Executable(compiled, session);
  const state = await stateOf(runtime, initial);
  return {
    ...work,
    buildMs,
    loadMs,
    run: () => executable.run(state, inputs),
    async dispose() {
      await state.dispose();
      await executable.dispose();
    },
  };
}

/** A bare product of two square matrices that lie on the device: what the machine can do. */
export function gemm(runtime: Runtime, size = 1024): Promise<Compiled> {
  const type = float32(size, size);
  const build = () =>
    buildProgram((state) => ({ state: { product: matmul(state.a, state.b) }, outputs: {} }), {
      state: { a: type, b: type, product: type },
      inputs: {},
    });
  const initial = { a: normal(type.shape), b: normal(type.shape), product: normal(type.shape) };
  return contestant(runtime, { name: 'gemm', flops: 2 * size ** 3 }, build, initial, {});
}

/** Sizes of the GPT that the ratio is defined for; 5.3 million parameters. */
export const gptSizes = {
  vocabularySize: 4096,
  width: 256,
  layers: 4,
  heads: 4,
  block: 256,
  batch: 8,
} as const;

/**
 * Floating-point operations of a training step: 6 per parameter and token, the embedding look-up apart, and
 * 12 x layers x batch x heads x block^2 x head size for the scores and weighted sums of attention, counted as full squares.
 */
export function gptFlops(parameters: number): number {
  const { vocabularySize, width, layers, heads, block, batch } = gptSizes;
  const lookup = (vocabularySize + block) * width;
  const attention = 12 * layers * batch * heads * block ** 2 * (width / heads);
  return 6 * (parameters - lookup) * batch * block + attention;
}

/** Settings of the training that is timed. */
const gptTraining = trainingSchema.parse({
  steps: 1000,
  batchSize: gptSizes.batch,
  learningRate: 1e-3,
  schedule: 'cosine',
  warmUpSteps: 10,
});

/** Training steps of the small GPT, several in one call, as the trainer runs them: forward, backward, clipping and AdamW. */
export async function gpt(
  runtime: Runtime,
  stepsPerCall: number,
): Promise<Compiled & { readonly parameters: number }> {
  const { vocabularySize, width, layers, heads, block, batch } = gptSizes;
  const model = new LanguageModel({ vocabularySize, width, layers, heads, maxLength: block });
  const settings = settingsFor({ ...gptTraining, blockLength: block }, Infinity);
  const parameters = model.init(random.split('gpt'));
  const initial = { parameters, optimizer: initialOptimizerState(settings, parameters) };
  const shape = [batch, block];
  const steps = Array.from({ length: stepsPerCall }, (_, i) =>
    stepInputs(
      { inputs: ids(shape, vocabularySize), targets: ids(shape, vocabularySize), targetCount: batch * block },
      random.split(i),
      settings,
    ),
  );
  const count = leavesOf<TensorData>(parameters).reduce((sum, tensor) => sum + sizeOf(tensor.shape), 0);
  const compiled = await contestant(
    runtime,
    { name: 'gpt', flops: stepsPerCall * gptFlops(count) },
    () => buildTrainingSteps(model, typesOf(initial), settings, stepsPerCall),
    initial,
    stackInputs(steps),
  );
  return { ...compiled, parameters: count };
}

/** Sizes of the recurrent layer that the ratio is defined for. */
export const gruSizes = { width: 512, batch: 32, steps: 128 } as const;

/** A training step of one GRU layer. */
export function gru(runtime: Runtime): Promise<Compiled> {
  const { width, batch, steps: time } = gruSizes;
  return memoryStep(runtime, {
    name: 'gru',
    memory: new Gru({ width }) as unknown as AnyMemory,
    batch,
    time,
  });
}

/** Gates of recurrent layers: their products are the work that ratios are taken of. */
const gates: Readonly<Record<string, number>> = { rnn: 1, gru: 3, lstm: 4 };

export interface MemoryWork {
  readonly name: string;
  readonly memory: AnyMemory;
  readonly batch: number;
  readonly time: number;
  /** How the memory reads. Default: as a whole segment, from nothing. */
  readonly read?: (parameters: Tree<Tensor>, x: Tensor) => Tensor;
}

/**
 * A training step of one memory: forward, gradients of weights and inputs, gradient descent. Its operations are known for
 * recurrent layers only, and otherwise 0.
 */
export function memoryStep(runtime: Runtime, { name, memory, batch, time, ...work }: MemoryWork) {
  const { kind, width } = memory;
  const read = work.read ?? ((parameters, x) => memory.read(parameters, x).output);
  const initial = { parameters: memory.init(random.split(name)) };
  const types = { x: float32(batch, time, width) };
  const build = () =>
    buildProgram(
      (state: { readonly parameters: Tree<Tensor> }, { x }: { readonly x: Tensor }) => {
        const output = read(state.parameters, x);
        const gradient = gradients(mean(mul(output, output)), { parameters: state.parameters, x });
        const { parameters } = applyGradients(
          sgd({ learningRate: 0.1 }),
          gradient.parameters as Tree<Tensor>,
          {},
          state.parameters,
        );
        // The gradient of the inputs is what a layer below would learn from; its sum keeps it from being dropped.
        return { state: { parameters }, outputs: { ofInputs: sum(gradient.x as Tensor) } };
      },
      { state: typesOf(initial) as { readonly parameters: Tree<TensorType> }, inputs: types },
    );
  // Three products (forward, and two backward) for each of the two weight matrices [width, gates * width].
  const flops = 3 * 2 * (2 * batch * time * width * (gates[kind] ?? 0) * width);
  return contestant(runtime, { name, flops }, build as never, initial, { x: normal(types.x.shape) } as never);
}
