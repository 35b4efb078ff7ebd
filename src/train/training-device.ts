// What a training run keeps and runs on the device: the tensors that change, the compiled step, the compiled evaluation. Knows nothing of when they run.
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tokens } from '../data/index.js';
import type { DeviceState, Runtime } from '../engine/runtime/runtime.js';
import type { Evaluation, EvaluationOptions, EvaluatorOptions } from './evaluator.js';
import type { TrainingChoices, TrainingSettings } from './settings.js';
import type { StepInputs, TrainingTrees } from './loss-and-gradient.js';
import type { StepOutputs } from './training-step.js';
import type { Trainable } from './trainable.js';
import { fitTree } from '../checkpoint/index.js';
import { allocate } from '../core/dtype.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import { flattenTree, mapLeaves } from '../core/tree.js';
import { initialMemory } from './carried-state.js';
import { firstNonFinite } from './diagnosis.js';
import { Evaluator } from './evaluator.js';
import { TrainingSteps } from './training-step.js';

/** What is to be trained, how, and on what. */
export interface TrainingJob {
  readonly runtime: Runtime;
  readonly model: Trainable;
  readonly settings: TrainingSettings;
}

/** The same tensors without their values: what has to be known to read them back. */
export function emptied(tree: Tree<TensorData>): Tree<TensorData> {
  return mapLeaves(tree, ({ dtype, shape }: TensorData) => new HostTensor(dtype, shape, allocate(dtype, 0)));
}

/** How a run is evaluated while it trains. */
export function evaluationOf(settings: TrainingChoices): EvaluatorOptions {
  const { evaluationBatchSize: batchSize, blockLength, carryState } = settings;
  return { batchSize, blockLength, carryState };
}

export class TrainingDevice {
  private readonly job: TrainingJob;
  private readonly like: TrainingTrees<TensorData>;
  private readonly state: DeviceState;
  private readonly single: TrainingSteps;
  private group: TrainingSteps | undefined;
  private copy: ReadonlyMap<string, TensorData> | undefined;
  private readonly evaluator: Evaluator;

  private constructor(
    job: TrainingJob,
    like: TrainingTrees<TensorData>,
    state: DeviceState,
    compiled: { readonly single: TrainingSteps; readonly evaluator: Evaluator },
  ) {
    this.job = job;
    this.like = like;
    this.state = state;
    this.single = compiled.single;
    this.evaluator = compiled.evaluator;
  }

  /** Compiles everything and hands over the tensors. @throws {ShapeError} when the model does not accept its inputs */
  static async prepare(job: TrainingJob, trees: TrainingTrees<TensorData>): Promise<TrainingDevice> {
    const { runtime, model, settings } = job;
    const like = emptied({ ...trees }) as unknown as TrainingTrees<TensorData>;
    const single = await TrainingSteps.compile(runtime, model, like, settings);
    const evaluator = await Evaluator.compile(runtime, model, like.parameters, evaluationOf(settings));
    const state = await runtime.createState();
    await state.write(flattenTree<TensorData>({ ...trees }));
    return new TrainingDevice(job, like, state, { single, evaluator });
  }

  /** How many steps one call can do, besides one. */
  get groupSize(): number {
    return this.group?.count ?? 1;
  }

  /** Prepares calls of `count` steps. */
  async prepareGroup(count: number): Promise<void> {
    const { runtime, model, settings } = this.job;
    await this.group?.dispose();
    this.group = await TrainingSteps.compile(runtime, model, this.like, settings, count);
  }

  /**
   * Does one step, or a group of the prepared size in one call. The tensors stay as they are when a number of the result
   * is not finite.
   */
  run(inputs: readonly StepInputs<TensorData>[]): Promise<readonly StepOutputs<number>[]> {
    const steps = inputs.length === this.group?.count ? this.group : this.single;
    return steps.run(this.state, inputs);
  }

  evaluate(tokens: Tokens, options: EvaluationOptions): Promise<Evaluation> {
    return this.evaluator.evaluate(this.state, tokens, options);
  }

  /** The first tensor of a step that is not finite, in words. */
  firstNonFinite(inputs: StepInputs<TensorData>): Promise<string | undefined> {
    const { runtime, model, settings } = this.job;
    const { optimizer: _, ...trees } = this.like;
    return firstNonFinite(runtime, model, trees, this.state, inputs, settings);
  }

  /** Lets the model forget what it carries from batch to batch. */
  async forget(): Promise<void> {
    const { model, settings } = this.job;
    if (!settings.carryState) return;
    const memory = initialMemory(model, settings.batchSize, settings.accumulation);
    await this.state.write(flattenTree<TensorData>({ memory }));
  }

  /** Copies the tensors to the host. The copy is good until the next one, which uses its memory again. */
  async read(): Promise<TrainingTrees<TensorData>> {
    this.copy = await this.state.read(undefined, this.copy);
    return fitTree(this.copy, { ...this.like }, 'The state on the device');
  }

  async dispose(): Promise<void> {
    await this.single.dispose();
    await this.group?.dispose();
    await this.evaluator.dispose();
    await this.state.dispose();
  }
}
