// The training loop: steps, evaluations, checkpoints, when to stop, how to go on. Knows nothing of text or of any model.
import type { TrainingRun, TrainingState } from '../checkpoint/index.js';
import type { TensorData } from '../core/tensor-data.js';
import type { TokenSplit, Tokens, TrainingBatch } from '../data/index.js';
import type { Evaluation } from './evaluator.js';
import type { TrainingEvent } from './events.js';
import type { StartingPoint } from './starting-point.js';
import type { TrainingChoices } from './settings.js';
import type { TrainingJob } from './training-device.js';
import type { StepInputs } from './loss-and-gradient.js';
import type { StepOutputs } from './training-step.js';
import type { NonFiniteError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { sizeOf } from '../core/shape.js';
import { leavesOf } from '../core/tree.js';
import { TrainingBatches } from '../data/index.js';
import { diverged, isFiniteStep } from './divergence.js';
import { firstBatches } from './evaluator.js';
import { Pace } from './events.js';
import { positionOf, startingPoint } from './starting-point.js';
import { requireCarriable } from './reach.js';
import { settingsFor } from './settings.js';
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

/** Why training ended: all steps done, no better loss for too long, or the signal. */
export type StopReason = 'finished' | 'early' | 'interrupted';

export interface TrainingOutcome {
  readonly reason: StopReason;
  readonly state: TrainingState;
  readonly parameters: number;
  /** Loss of the last step, in nats per token; `null` when no step was done. */
  readonly loss: number | null;
  /** Before the first step; `null` when the run was resumed or nothing validates. */
  readonly before: Evaluation | null;
  /** The last one of this call; `null` when there was none. */
  readonly after: Evaluation | null;
  readonly tokensPerSecond: number;
}

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
  const start = await startingPoint(planned.run, planned.model, planned.settings);
  const batches = batchesFrom(start, planned);
  const device = await TrainingDevice.prepare(planned, start.trees);
  try {
    return await new Trainer(planned, start, batches, device).run();
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

class Trainer {
  private readonly options: PlannedOptions;
  private readonly device: TrainingDevice;
  private readonly batches: TrainingBatches;
  private readonly validation: Tokens;
  private readonly parameters: number;
  private readonly isNew: boolean;
  private readonly dropout: Random;
  private readonly pace = new Pace();
  private state: TrainingState;
  /** Batches that are being read ahead. */
  private readonly upcoming: Promise<TrainingBatch>[] = [];
  private groupIsChosen = false;
  private validationBytes: number | undefined;
  private savedStep: number | undefined;
  private loss: number | null = null;
  private before: Evaluation | null = null;
  private after: Evaluation | null = null;

  constructor(
    options: PlannedOptions,
    start: StartingPoint,
    batches: TrainingBatches,
    device: TrainingDevice,
  ) {
    const { settings, tokens } = options;
    this.options = options;
    this.device = device;
    this.batches = batches;
    this.validation = firstBatches(tokens.validation, settings.evaluationBatches, evaluationOf(settings));
    this.parameters = leavesOf(start.trees.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    this.isNew = start.isNew;
    this.state = start.state;
    this.savedStep = start.isNew ? undefined : start.state.step;
    this.dropout = Random.fromState(start.state.random).split('dropout');
    this.readAhead(1);
  }

  async run(): Promise<TrainingOutcome> {
    await this.begin();
    let reason = this.reasonToStop();
    while (reason === undefined) {
      await this.advance();
      reason = this.reasonToStop();
    }
    if (this.savedStep !== this.state.step) await this.save(false);
    const { state, parameters, loss, before, after } = this;
    return { reason, state, parameters, loss, before, after, tokensPerSecond: this.tokensPerSecond() };
  }

  private async begin(): Promise<void> {
    const { settings, textBytes, tokens } = this.options;
    this.tell({
      kind: 'started',
      step: this.state.step,
      steps: settings.steps,
      parameters: this.parameters,
      trainTokens: tokens.train.count,
      validationTokens: tokens.validation.count,
    });
    if (this.validation.count > 0) this.validationBytes = await textBytes?.(this.validation);
    if (!this.isNew) return;
    await this.evaluate();
    this.before = this.after;
  }

  private reasonToStop(): StopReason | undefined {
    const { steps, patience } = this.options.settings;
    if (this.state.step >= steps) return 'finished';
    if (patience !== null && this.state.evaluationsSinceBest >= patience) return 'early';
    return this.options.signal?.aborted ? 'interrupted' : undefined;
  }

  /** A few steps in one call, and what is due after them. The next batches are read while they run. */
  private async advance(): Promise<void> {
    const { settings } = this.options;
    const began = performance.now();
    const batches = await this.nextBatches();
    const count = batches.length;
    if (batches[0]?.beginsEpoch) await this.device.forget();
    const inputs = batches.map((batch, i) =>
      stepInputs(batch, this.dropout.split(this.state.step + i), settings),
    );
    const running = this.device.run(inputs);
    this.readAhead(count);
    let outputs = await running;
    if (!outputs.every(isFiniteStep)) outputs = await this.oneByOne(inputs);
    const seconds = (performance.now() - began) / 1000;
    for (const [i, batch] of batches.entries()) {
      this.pace.add(seconds / count);
      await this.accept(batch, outputs[i] as StepOutputs<number>);
    }
    const { step } = this.state;
    if (step % settings.evaluateEvery === 0 || step === settings.steps) await this.evaluate();
    else if (settings.saveEvery !== null && step % settings.saveEvery === 0) await this.save(false);
    else await this.chooseGroup();
  }

  /** Batches of the next call: a whole group where nothing is due before its end, otherwise one. */
  private async nextBatches(): Promise<readonly TrainingBatch[]> {
    const size = this.device.groupSize;
    const wanted = this.stepsUntilDue() < size ? 1 : size;
    this.readAhead(wanted);
    const batches = await Promise.all(this.upcoming.slice(0, wanted));
    const forgets =
      this.options.settings.carryState && batches.slice(1).some(({ beginsEpoch }) => beginsEpoch);
    const taken = forgets ? batches.slice(0, 1) : batches;
    this.upcoming.splice(0, taken.length);
    return taken;
  }

  /** Steps until something else has to be done than a step. */
  private stepsUntilDue(): number {
    const { steps, evaluateEvery, saveEvery } = this.options.settings;
    const { step } = this.state;
    const periods = saveEvery === null ? [evaluateEvery] : [evaluateEvery, saveEvery];
    return Math.min(steps - step, ...periods.map((period) => period - (step % period)));
  }

  /** Takes over what a step did. */
  private async accept(batch: TrainingBatch, outputs: StepOutputs<number>): Promise<void> {
    const tokens = this.state.tokens + batch.targetCount;
    this.state = { ...this.state, step: this.state.step + 1, tokens, data: { ...batch.after } };
    this.loss = outputs.loss;
    await this.report(outputs, batch.epoch);
  }

  /** Once it is known how long a step takes: how many are done in one call, so that calls stay short and few. */
  private async chooseGroup(): Promise<void> {
    const { settings, stepsPerCall } = this.options;
    if (this.groupIsChosen || (stepsPerCall === undefined && this.pace.count < stepsToMeasure)) return;
    this.groupIsChosen = true;
    const stepMs = 1000 * this.pace.secondsFor(1);
    const isWorthIt = stepMs * (settings.steps - this.state.step) > worthGroupingMs;
    const count = stepsPerCall ?? (isWorthIt ? Math.min(largestGroup, Math.floor(callMs / stepMs)) : 1);
    if (count > 1) await this.device.prepareGroup(count);
  }

  /** Does the steps of a group singly, to find the one that is not finite. None of the group was applied. */
  private async oneByOne(inputs: readonly StepInputs<TensorData>[]): Promise<readonly StepOutputs<number>[]> {
    const done: StepOutputs<number>[] = [];
    for (const own of inputs) {
      const [outputs] = await this.device.run([own]);
      if (outputs === undefined || !isFiniteStep(outputs))
        throw await this.nonFinite(this.state.step + done.length + 1, own, outputs);
      done.push(outputs);
    }
    return done;
  }

  private async report(outputs: StepOutputs<number>, epoch: number): Promise<void> {
    const { steps, recordEvery } = this.options.settings;
    const { step } = this.state;
    const tokensPerSecond = this.tokensPerSecond();
    const secondsLeft = this.pace.secondsFor(steps - step);
    this.tell({ kind: 'step', step, steps, ...outputs, epoch, tokensPerSecond, secondsLeft });
    if (step % recordEvery !== 0) return;
    await this.options.run.appendMetrics({ step, ...outputs, epoch, tokensPerSecond });
  }

  /** Evaluates if there is something to evaluate, and saves. */
  private async evaluate(): Promise<void> {
    const { step, best, evaluationsSinceBest } = this.state;
    if (this.validation.count === 0) return this.save(false);
    const evaluation = await this.device.evaluate(this.validation, { textBytes: this.validationBytes });
    if (!Number.isFinite(evaluation.loss)) throw diverged(step, 'the validation loss', evaluation.loss);
    const isBest = best === null || evaluation.loss < best.loss;
    this.after = evaluation;
    this.state = {
      ...this.state,
      best: isBest ? { step, loss: evaluation.loss } : best,
      evaluationsSinceBest: isBest ? 0 : evaluationsSinceBest + 1,
    };
    this.tell({ kind: 'evaluated', step, evaluation, isBest });
    const { loss: validationLoss, perplexity, bitsPerByte } = evaluation;
    await this.options.run.appendMetrics({ step, validationLoss, perplexity, bitsPerByte });
    await this.save(isBest);
  }

  private async save(isBest: boolean): Promise<void> {
    const { parameters: model, ...rest } = await this.device.read();
    await this.options.run.saveCheckpoint({ model, ...rest, state: this.state }, { isBest });
    this.savedStep = this.state.step;
    this.tell({ kind: 'saved', step: this.state.step, isBest });
  }

  /** Why a step failed. Its update was not applied, so that it can be computed again. */
  private async nonFinite(
    step: number,
    inputs: StepInputs<TensorData>,
    { loss, gradientNorm }: Pick<StepOutputs<number>, 'loss' | 'gradientNorm'> = {
      loss: NaN,
      gradientNorm: NaN,
    },
  ): Promise<NonFiniteError> {
    const [what, value] = Number.isFinite(loss) ? ['the gradient norm', gradientNorm] : ['the loss', loss];
    return diverged(step, what as string, value as number, {
      tensor: await this.device.firstNonFinite(inputs),
      savedStep: this.savedStep,
    });
  }

  /** Sees to it that `count` batches are being read. A failure is raised when the batch is needed. */
  private readAhead(count: number): void {
    while (this.upcoming.length < count) {
      const batch = this.batches.next();
      batch.catch(() => undefined);
      this.upcoming.push(batch);
    }
  }

  private tokensPerSecond(): number {
    const { batchSize, accumulation, blockLength } = this.options.settings;
    return this.pace.tokensPerSecond(batchSize * accumulation * blockLength);
  }

  private tell(event: TrainingEvent): void {
    this.options.onEvent?.(event);
  }
}

/** Steps after which their pace is known: the first is slower than the others. */
const stepsToMeasure = 4;
/** How long a call of several steps should take: short enough to be interrupted and to show progress. */
const callMs = 4000;
const largestGroup = 16;
/** Preparing a group takes a second or so; shorter trainings do without. */
const worthGroupingMs = 8000;
