// Training on examples: batches by length, a step for each shape, and a task's own metric as what validates. Knows no particular task.
import type { TrainingRun } from '../checkpoint/index.js';
import type { TensorData as Values } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import type { ExampleCounts, ExampleTrainingEvent } from './events.js';
import type { Examples, ExampleModel, Validation } from './examples.js';
import type { ExampleTrainingChoices } from './example-settings.js';
import type { Course, DoneStep, LoopOutcome, Measurement, StepRequest } from './loop.js';
import type { TrainingTrees } from './loss-and-gradient.js';
import type { Named } from './row-table.js';
import type { StartingPoint } from './starting-point.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { RowBatches } from '../data/index.js';
import { parametersToUse } from './averaging.js';
import { divergedStep, isFiniteStep } from './divergence.js';
import { ExampleDevice } from './example-device.js';
import { exampleSettingsFor } from './example-settings.js';
import { TrainingLoop } from './loop.js';
import { positionOf, startingPoint } from './starting-point.js';

export interface ExampleTrainOptions {
  readonly runtime: Runtime;
  readonly model: ExampleModel;
  readonly examples: Examples;
  /** Without it nothing is evaluated, and the best checkpoint is never known. */
  readonly validation?: Validation | undefined;
  readonly settings: ExampleTrainingChoices;
  /** Where checkpoints and metrics go. If it holds a checkpoint, training goes on from there. */
  readonly run: TrainingRun;
  /** Ends training after the current step, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** Ends training after so many seconds of this call, with an evaluation and a checkpoint. */
  readonly maxSeconds?: number | undefined;
  readonly onEvent?: ((event: ExampleTrainingEvent) => void) | undefined;
}

/** What came of training on examples; evaluations are the task's own metrics by name. */
export type ExampleTrainingOutcome = LoopOutcome<Named<number>>;

/**
 * Trains until the steps are done, or until there is a reason to stop. A run that is killed at any moment and resumed ends
 * with the same bits as one that is not. Gradients are not accumulated over batches: batches of one step would be of different
 * shapes; choose a larger `batchSize` or `maxTokens` instead.
 *
 * @throws {NonFiniteError} when a loss or gradient is not finite; the last checkpoint stays
 * @throws {DataError} when there are no examples, or the saved place in them does not exist
 * @throws {ConfigError} when everything is frozen
 * @throws {CheckpointError} when the run's checkpoint does not fit the model
 */
export async function trainOnExamples(options: ExampleTrainOptions): Promise<ExampleTrainingOutcome> {
  const { runtime, model, examples, run } = options;
  const { settings, buckets } = exampleSettingsFor(options.settings, examples.lengths);
  const start = await startingPoint(run, model, settings);
  const batches = new RowBatches(examples.lengths, {
    buckets,
    random: Random.fromState(start.state.random).split('data'),
    position: positionOf(start.state.data),
  });
  const device = await ExampleDevice.prepare({ runtime, model, settings }, start.trees);
  try {
    const course = new ExampleCourse(options, start, batches, device);
    return await new TrainingLoop({ ...options, settings }, start, course).run();
  } finally {
    await device.dispose();
    await examples.dispose?.();
  }
}

/** Examples, their batches and a model on the device, as the loop sees them. */
class ExampleCourse implements Course<ExampleCounts, Named<number>> {
  readonly counts: ExampleCounts;
  /** What a new head answers is not worth the time that it takes to measure. */
  readonly measuresFirst = false;
  private readonly options: ExampleTrainOptions;
  private readonly batches: RowBatches;
  private readonly device: ExampleDevice;
  private readonly random: Random;

  constructor(
    options: ExampleTrainOptions,
    start: StartingPoint,
    batches: RowBatches,
    device: ExampleDevice,
  ) {
    this.options = options;
    this.batches = batches;
    this.device = device;
    this.random = Random.fromState(start.state.random).split('examples');
    const { examples, validation } = options;
    this.counts = { trainExamples: examples.lengths.length, metric: validation?.metric ?? null };
  }

  async advance({ step, savedStep }: StepRequest): Promise<readonly DoneStep[]> {
    const { epoch, after, ...batch } = this.batches.next();
    const random = this.random.split(step);
    const key = new TensorData('uint32', [2], random.split('dropout').graphKey());
    const parameters = async (): Promise<Tree<Values>> => (await this.device.read()).parameters;
    const tensors = await this.options.examples.tensors(batch, random.split('tensors'), parameters);
    const { count, ...outputs } = await this.device.run({ batch: tensors, key });
    if (!isFiniteStep(outputs)) throw divergedStep(step + 1, outputs, { savedStep });
    const tokens = batch.batchSize * batch.length;
    return [{ outputs, targets: Math.round(count), tokens, epoch, after: { ...after } }];
  }

  async measure(): Promise<Measurement<Named<number>> | null> {
    const { validation } = this.options;
    if (validation === undefined) return null;
    const { metric, higherIsBetter } = validation;
    const evaluation = await validation.measure(parametersToUse(await this.device.read()));
    const record = Object.fromEntries(
      Object.entries(evaluation).map(([name, value]) => [`validation${capitalized(name)}`, value]),
    );
    const value = evaluation[metric] ?? Number.NaN;
    return { evaluation, score: { metric, value, higherIsBetter }, record };
  }

  read(): Promise<TrainingTrees<Values>> {
    return this.device.read();
  }
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
