// The training loop: steps, evaluations, checkpoints, when to stop, how to go on. Knows nothing of text or of any model.
import type { TrainingRun, TrainingState } from '../checkpoint/index.js';
import type { TensorData } from '../core/tensor-data.js';
import type { TokenSplit, Tokens, TrainingBatch } from '../data/index.js';
import type { Evaluation } from './evaluator.js';
import type { TrainingEvent } from './events.js';
import type { StartingPoint } from './starting-point.js';
import type { TrainingJob } from './training-device.js';
import type { StepInputs, StepOutputs } from './training-step.js';
import { NonFiniteError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { sizeOf } from '../core/shape.js';
import { leavesOf } from '../core/tree.js';
import { TrainingBatches } from '../data/index.js';
import { firstBatches } from './evaluator.js';
import { Pace } from './events.js';
import { positionOf, startingPoint } from './starting-point.js';
import { TrainingDevice } from './training-device.js';
import { stepInputs } from './training-step.js';

export interface TrainOptions extends TrainingJob {
  /** Where checkpoints and metrics go. If it holds a checkpoint, training goes on from there. */
  readonly run: TrainingRun;
  /** Without validation tokens nothing is evaluated, and the best checkpoint is never known. */
  readonly tokens: TokenSplit;
  /** UTF-8 bytes that tokens stand for, for bits per byte. */
  readonly textBytes?: (tokens: Tokens) => Promise<number>;
  /** Ends training after the current step, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: TrainingEvent) => void) | undefined;
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
 * @throws {CheckpointError} when the run's checkpoint does not fit the model
 */
export async function train(options: TrainOptions): Promise<TrainingOutcome> {
  const start = await startingPoint(options.run, options.model, options.settings);
  const batches = batchesFrom(start, options);
  const device = await TrainingDevice.prepare(options, start.trees);
  try {
    return await new Trainer(options, start, batches, device).run();
  } finally {
    await device.dispose();
  }
}

function batchesFrom({ state }: StartingPoint, { settings, tokens }: TrainOptions): TrainingBatches {
  return new TrainingBatches(tokens.train, {
    batchSize: settings.batchSize * settings.accumulation,
    blockLength: settings.blockLength,
    order: settings.order,
    random: Random.fromState(state.random).split('data'),
    position: positionOf(state.data),
  });
}

class Trainer {
  private readonly options: TrainOptions;
  private readonly device: TrainingDevice;
  private readonly batches: TrainingBatches;
  private readonly validation: Tokens;
  private readonly parameters: number;
  private readonly isNew: boolean;
  private readonly dropout: Random;
  private readonly pace = new Pace();
  private state: TrainingState;
  private nextBatch: Promise<TrainingBatch>;
  private validationBytes: number | undefined;
  private savedStep: number | undefined;
  private loss: number | null = null;
  private before: Evaluation | null = null;
  private after: Evaluation | null = null;

  constructor(options: TrainOptions, start: StartingPoint, batches: TrainingBatches, device: TrainingDevice) {
    const { settings, tokens } = options;
    const size = { batchSize: settings.evaluationBatchSize, blockLength: settings.blockLength };
    this.options = options;
    this.device = device;
    this.batches = batches;
    this.validation = firstBatches(tokens.validation, settings.evaluationBatches, size);
    this.parameters = leavesOf(start.trees.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    this.isNew = start.isNew;
    this.state = start.state;
    this.savedStep = start.isNew ? undefined : start.state.step;
    this.dropout = Random.fromState(start.state.random).split('dropout');
    this.nextBatch = this.fetch();
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

  /** One step, and what is due after it. The next batch is read while the step runs. */
  private async advance(): Promise<void> {
    const { settings } = this.options;
    const began = performance.now();
    const batch = await this.nextBatch;
    const inputs = stepInputs(batch, this.dropout.split(this.state.step), settings);
    const running = this.device.run(inputs);
    this.nextBatch = this.fetch();
    const outputs = await running;
    if (!Number.isFinite(outputs.loss) || !Number.isFinite(outputs.gradientNorm)) {
      throw await this.nonFinite(inputs, outputs);
    }
    this.pace.add((performance.now() - began) / 1000);
    const step = this.state.step + 1;
    this.state = {
      ...this.state,
      step,
      tokens: this.state.tokens + batch.targetCount,
      data: { ...batch.after },
    };
    this.loss = outputs.loss;
    await this.report(outputs, batch.epoch);
    if (step % settings.evaluateEvery === 0 || step === settings.steps) await this.evaluate();
    else if (settings.saveEvery !== null && step % settings.saveEvery === 0) await this.save(false);
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
    const { parameters: model, optimizer } = await this.device.read();
    await this.options.run.saveCheckpoint({ model, optimizer, state: this.state }, { isBest });
    this.savedStep = this.state.step;
    this.tell({ kind: 'saved', step: this.state.step, isBest });
  }

  /** Why a step failed. Its update was not applied, so that it can be computed again. */
  private async nonFinite(
    inputs: StepInputs<TensorData>,
    { loss, gradientNorm }: StepOutputs<number>,
  ): Promise<NonFiniteError> {
    const [what, value] = Number.isFinite(loss) ? ['the gradient norm', gradientNorm] : ['the loss', loss];
    return diverged(this.state.step + 1, what as string, value as number, {
      tensor: await this.device.firstNonFinite(inputs),
      savedStep: this.savedStep,
    });
  }

  /** Begins to read the next batch. A failure is raised when the batch is needed. */
  private fetch(): Promise<TrainingBatch> {
    const batch = this.batches.next();
    batch.catch(() => undefined);
    return batch;
  }

  private tokensPerSecond(): number {
    const { batchSize, accumulation, blockLength } = this.options.settings;
    return this.pace.tokensPerSecond(batchSize * accumulation * blockLength);
  }

  private tell(event: TrainingEvent): void {
    this.options.onEvent?.(event);
  }
}

function diverged(
  step: number,
  what: string,
  value: number,
  {
    tensor,
    savedStep,
  }: { readonly tensor?: string | undefined; readonly savedStep?: number | undefined } = {},
): NonFiniteError {
  const first = tensor === undefined ? '' : ` The first tensor that is not finite is the ${tensor}.`;
  const kept = savedStep === undefined ? '' : ` The checkpoint of step ${savedStep} is kept.`;
  return new NonFiniteError(
    `Training stopped at step ${step}: ${what} is ${value}.${first}${kept} Lower the learning rate, warm up longer or clip gradients (clipNorm), and train anew.`,
    { fields: { step, tensor, savedStep } },
  );
}
