// Training on a text: batches of its tokens, several steps in one call, and the loss as what validates. Knows nothing of text or of any model.
import type { TrainingRun } from '../checkpoint/index.js';
import type { NonFiniteError } from '../core/errors.js';
import type { TensorData } from '../core/tensor-data.js';
import type { TokenSplit, Tokens, TrainingBatch } from '../data/index.js';
import type { Evaluation } from './evaluator.js';
import type { TokenCounts, TrainingEvent } from './events.js';
import type { Course, DoneStep, LoopOutcome, Measurement, StepRequest } from './loop.js';
import type { StepInputs, TrainingTrees } from './loss-and-gradient.js';
import type { TrainingChoices } from './settings.js';
import type { StartingPoint } from './starting-point.js';
import type { TrainingJob } from './training-device.js';
import type { StepOutputs } from './training-step.js';
import { Random } from '../core/random.js';
import { TrainingBatches } from '../data/index.js';
import { initialMemory } from './carried-state.js';
import { divergedStep, isFiniteStep } from './divergence.js';
import { firstBatches } from './evaluator.js';
import { TrainingLoop } from './loop.js';
import { requireCarriable } from './reach.js';
import { settingsFor } from './settings.js';
import { positionOf, startingPoint } from './starting-point.js';
import { evaluationOf, TrainingDevice } from './training-device.js';
import { stepInputs } from './training-step.js';

export interface TrainOptions extends Omit<TrainingJob, 'settings'> {
  readonly settings: TrainingChoices;
  /** Where checkpoints and metrics go. If it holds a checkpoint, training goes on from there. */
  readonly run: TrainingRun;
  /** Without validation tokens nothing is evaluated, and the best checkpoint is never known. */
  readonly tokens: TokenSplit;
  /** UTF-8 bytes that tokens stand for, for bits per byte. */
  readonly textBytes?: (tokens: Tokens) => Promise<number>;
  /** Ends training after the current step, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: TrainingEvent) => void) | undefined;
  /** Steps that run in one call. Default: as many as fit into about four seconds, at most 16. Results do not depend on it. */
  readonly stepsPerCall?: number | undefined;
}

/** What came of training on a text. */
export type TrainingOutcome = LoopOutcome<Evaluation>;

/**
 * Trains until the steps are done, or until there is a reason to stop. A run that is killed at any moment and resumed
 * ends with the same bits as one that is not.
 *
 * @throws {NonFiniteError} when a loss or gradient is not finite, with the step and the tensor; the last checkpoint stays
 * @throws {DataError} when there are too few tokens
 * @throws {ConfigError} when the state is to be carried further than the model's memory reaches
 * @throws {CheckpointError} when the run's checkpoint does not fit the model
 */
export async function train(options: TrainOptions): Promise<TrainingOutcome> {
  requireCarriable(options.model, options.settings, options.tokens);
  const planned = { ...options, settings: settingsFor(options.settings, options.tokens.train.count) };
  const { run, model, settings } = planned;
  const memory = settings.carryState
    ? initialMemory(model, settings.batchSize, settings.accumulation)
    : undefined;
  const start = await startingPoint(run, model, settings, memory);
  const batches = batchesFrom(start, planned);
  const device = await TrainingDevice.prepare(planned, start.trees);
  try {
    const course = await TokenCourse.open(planned, start, batches, device);
    return await new TrainingLoop(planned, start, course).run();
  } finally {
    await device.dispose();
  }
}

/** Options with settings for their text. */
type PlannedOptions = TrainOptions & TrainingJob;

function batchesFrom({ state }: StartingPoint, { settings, tokens }: PlannedOptions): TrainingBatches {
  return new TrainingBatches(tokens.train, {
    batchSize: settings.batchSize * settings.accumulation,
    blockLength: settings.blockLength,
    order: settings.order,
    random: Random.fromState(state.random).split('data'),
    position: positionOf(state.data),
  });
}

/** A text, its batches and a model on the device, as the loop sees them. */
class TokenCourse implements Course<TokenCounts, Evaluation> {
  readonly counts: TokenCounts;
  readonly measuresFirst = true;
  private readonly options: PlannedOptions;
  private readonly device: TrainingDevice;
  private readonly batches: TrainingBatches;
  private readonly validation: Tokens;
  private readonly dropout: Random;
  /** Batches that are being read ahead. */
  private readonly upcoming: Promise<TrainingBatch>[] = [];
  private groupIsChosen = false;
  private validationBytes: number | undefined;

  private constructor(
    options: PlannedOptions,
    start: StartingPoint,
    batches: TrainingBatches,
    device: TrainingDevice,
  ) {
    const { settings, tokens } = options;
    this.options = options;
    this.device = device;
    this.batches = batches;
    this.counts = { trainTokens: tokens.train.count, validationTokens: tokens.validation.count };
    this.validation = firstBatches(tokens.validation, settings.evaluationBatches, evaluationOf(settings));
    this.dropout = Random.fromState(start.state.random).split('dropout');
    this.readAhead(1);
  }

  static async open(
    options: PlannedOptions,
    start: StartingPoint,
    batches: TrainingBatches,
    device: TrainingDevice,
  ): Promise<TokenCourse> {
    const course = new TokenCourse(options, start, batches, device);
    if (course.validation.count > 0) course.validationBytes = await options.textBytes?.(course.validation);
    return course;
  }

  /** A few steps in one call. The next batches are read while they run. */
  async advance(request: StepRequest): Promise<readonly DoneStep[]> {
    const { settings } = this.options;
    await this.chooseGroup(request);
    const batches = await this.nextBatches(request.untilDue);
    const count = batches.length;
    if (batches[0]?.beginsEpoch) await this.device.forget();
    const inputs = batches.map((batch, i) =>
      stepInputs(batch, this.dropout.split(request.step + i), settings),
    );
    const running = this.device.run(inputs);
    this.readAhead(count);
    let outputs = await running;
    if (!outputs.every(isFiniteStep)) outputs = await this.oneByOne(inputs, request);
    const tokens = settings.batchSize * settings.accumulation * settings.blockLength;
    return batches.map(({ targetCount: targets, epoch, after }, i) => ({
      outputs: outputs[i] as StepOutputs<number>,
      targets,
      tokens,
      epoch,
      after: { ...after },
    }));
  }

  async measure(): Promise<Measurement<Evaluation> | null> {
    if (this.validation.count === 0) return null;
    const evaluation = await this.device.evaluate(this.validation, { textBytes: this.validationBytes });
    const { loss: validationLoss, perplexity, bitsPerByte } = evaluation;
    return {
      evaluation,
      score: { metric: 'loss', value: validationLoss, higherIsBetter: false },
      record: { validationLoss, perplexity, bitsPerByte },
    };
  }

  read(): Promise<TrainingTrees<TensorData>> {
    return this.device.read();
  }

  /** Batches of the next call: a whole group where nothing is due before its end, otherwise one. */
  private async nextBatches(untilDue: number): Promise<readonly TrainingBatch[]> {
    const size = this.device.groupSize;
    const wanted = untilDue < size ? 1 : size;
    this.readAhead(wanted);
    const batches = await Promise.all(this.upcoming.slice(0, wanted));
    const forgets =
      this.options.settings.carryState && batches.slice(1).some(({ beginsEpoch }) => beginsEpoch);
    const taken = forgets ? batches.slice(0, 1) : batches;
    this.upcoming.splice(0, taken.length);
    return taken;
  }

  /** Once it is known how long a step takes: how many are done in one call, so that calls stay short and few. */
  private async chooseGroup({ pace, untilEnd }: StepRequest): Promise<void> {
    const { stepsPerCall } = this.options;
    const isMeasured = pace.count >= (stepsPerCall === undefined ? stepsToMeasure : 1);
    if (this.groupIsChosen || !isMeasured) return;
    this.groupIsChosen = true;
    const stepMs = 1000 * pace.secondsFor(1);
    const isWorthIt = stepMs * untilEnd > worthGroupingMs;
    const count = stepsPerCall ?? (isWorthIt ? Math.min(largestGroup, Math.floor(callMs / stepMs)) : 1);
    if (count > 1) await this.device.prepareGroup(count);
  }

  /** Does the steps of a group singly, to find the one that is not finite. None of the group was applied. */
  private async oneByOne(
    inputs: readonly StepInputs<TensorData>[],
    request: StepRequest,
  ): Promise<readonly StepOutputs<number>[]> {
    const done: StepOutputs<number>[] = [];
    for (const own of inputs) {
      const [outputs] = await this.device.run([own]);
      if (outputs === undefined || !isFiniteStep(outputs))
        throw await this.nonFinite(own, outputs, request.step + done.length + 1, request);
      done.push(outputs);
    }
    return done;
  }

  /** Why a step failed. Its update was not applied, so that it can be computed again. */
  private async nonFinite(
    inputs: StepInputs<TensorData>,
    outputs: StepOutputs<number> | undefined,
    step: number,
    { savedStep }: StepRequest,
  ): Promise<NonFiniteError> {
    return divergedStep(step, outputs, { tensor: await this.device.firstNonFinite(inputs), savedStep });
  }

  /** Sees to it that `count` batches are being read. A failure is raised when the batch is needed. */
  private readAhead(count: number): void {
    while (this.upcoming.length < count) {
      const batch = this.batches.next();
      batch.catch(() => undefined);
      this.upcoming.push(batch);
    }
  }
}

/** Steps after which their pace is known: the first is slower than the others. */
const stepsToMeasure = 4;
/** How long a call of several steps should take: short enough to be interrupted and to show progress. */
const callMs = 4000;
const largestGroup = 16;
/** Preparing a group takes a second or so; shorter trainings do without. */
const worthGroupingMs = 8000;
