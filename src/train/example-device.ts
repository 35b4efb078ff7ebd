// What training on examples keeps and runs on the device: the tensors that change, and a compiled step for each shape of batch.
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Executable } from '../engine/compile.js';
import type { Tensor, TensorType } from '../engine/graph.js';
import type { DeviceState, Runtime } from '../engine/runtime/runtime.js';
import type { ExampleModel } from './examples.js';
import type { ExampleTrainingSettings } from './example-settings.js';
import type { TrainingTrees } from './loss-and-gradient.js';
import type { Named } from './row-table.js';
import type { StepOutputs } from './training-step.js';
import { fitTree } from '../checkpoint/index.js';
import { flattenTree } from '../core/tree.js';
import { compile } from '../engine/compile.js';
import { gradients } from '../engine/grad.js';
import { add } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { Type, typesOf } from '../engine/trace.js';
import { averaged } from '../optim/index.js';
import { learningPart, move } from './move.js';
import { once } from './row-trainer.js';
import { emptied } from './training-device.js';

/** What a step reads. */
export interface ExampleInputs<T> {
  readonly batch: Named<T>;
  /** uint32[2]: what dropout draws from */
  readonly key: T;
}

/** What a step tells. Scalars, float32. */
export interface ExampleOutputs<T> extends StepOutputs<T> {
  /** Targets that counted. */
  readonly count: T;
}

type Program = Executable<ExampleInputs<TensorType>, ExampleOutputs<Tensor>>;
type Job = {
  readonly runtime: Runtime;
  readonly model: ExampleModel;
  readonly settings: ExampleTrainingSettings;
};

export class ExampleDevice {
  private readonly job: Job;
  private readonly like: TrainingTrees<TensorData>;
  private readonly state: DeviceState;
  private readonly programs = new Map<string, Promise<Program>>();
  private copy: ReadonlyMap<string, TensorData> | undefined;

  private constructor(job: Job, like: TrainingTrees<TensorData>, state: DeviceState) {
    this.job = job;
    this.like = like;
    this.state = state;
  }

  /** Hands over the tensors. */
  static async prepare(job: Job, trees: TrainingTrees<TensorData>): Promise<ExampleDevice> {
    const state = await job.runtime.createState();
    await state.write(flattenTree<TensorData>({ ...trees }));
    return new ExampleDevice(job, emptied({ ...trees }) as unknown as TrainingTrees<TensorData>, state);
  }

  /**
   * Does one step. The tensors stay as they are when a number of the result is not finite.
   * @throws {ShapeError} when the model does not accept the batch
   */
  async run(inputs: ExampleInputs<TensorData>): Promise<ExampleOutputs<number>> {
    const program = await this.program(inputs);
    const { loss, gradientNorm, learningRate, count } = await program.run(this.state, inputs);
    return {
      loss: scalar(loss),
      gradientNorm: scalar(gradientNorm),
      learningRate: scalar(learningRate),
      count: scalar(count),
    };
  }

  /** Copies the tensors to the host. The copy is good until the next one, which uses its memory again. */
  async read(): Promise<TrainingTrees<TensorData>> {
    this.copy = await this.state.read(undefined, this.copy);
    return fitTree(this.copy, { ...this.like }, 'The state on the device');
  }

  async dispose(): Promise<void> {
    for (const program of this.programs.values()) await (await program).dispose();
    await this.state.dispose();
  }

  /** The compiled step for batches of this shape. */
  private program({ batch }: ExampleInputs<TensorData>): Promise<Program> {
    const { runtime, model, settings } = this.job;
    const types = typesOf(batch);
    return once(this.programs, types, () =>
      compile(
        runtime,
        (trees: TrainingTrees<Tensor>, { batch, key }: ExampleInputs<Tensor>) => {
          const { loss, auxiliaryLoss, count } = model.loss(trees.parameters, batch, key);
          const objective = auxiliaryLoss === undefined ? loss : add(loss, auxiliaryLoss);
          const learning = learningPart(trees.parameters, settings);
          const gradient = gradients(objective, learning) as Tree<Tensor>;
          const { learningRate, gradientNorm, ...state } = move(settings, trees, gradient);
          const average =
            trees.average &&
            settings.average !== null &&
            averaged(trees.average, state.parameters, settings.average);
          const outputs = { loss, gradientNorm, learningRate, count: cast(count, 'float32') };
          return { state: { ...state, ...(average && { average: { ...average } }) }, outputs };
        },
        {
          state: this.like as TrainingTrees<TensorType>,
          inputs: { batch: types, key: new Type('uint32', [2]) },
        },
        { guards: ['loss', 'gradientNorm'] },
      ),
    );
  }
}

function scalar({ data }: TensorData): number {
  return data[0] ?? Number.NaN;
}
