// The training loop: when to evaluate, to save and to stop, and what is the best. Knows nothing of what is learned from, nor of any model.
import type { JsonValue, TrainingRun, TrainingState } from '../checkpoint/index.js';
import type { TensorData } from '../core/tensor-data.js';
import type { LoopEvent } from './events.js';
import type { TrainingTrees } from './loss-and-gradient.js';
import type { Named } from './row-table.js';
import type { LoopSettings } from './settings.js';
import type { StartingPoint } from './starting-point.js';
import type { StepOutputs } from './training-step.js';
import { sizeOf } from '../core/shape.js';
import { leavesOf } from '../core/tree.js';
import { asSaved } from './averaging.js';
import { diverged } from './divergence.js';
import { Pace } from './events.js';

/** What is known when steps are to be done. */
export interface StepRequest {
  /** Steps done before. */
  readonly step: number;
  /** Steps until something else has to be done than a step: no more may be done in one go. */
  readonly untilDue: number;
  /** Steps until the end of training. */
  readonly untilEnd: number;
  readonly pace: Pace;
  /** The step of the last checkpoint, for what is said when training diverges. */
  readonly savedStep: number | undefined;
}

/** A step that was done. */
export interface DoneStep {
  readonly outputs: StepOutputs<number>;
  /** Tokens that were learned from. */
  readonly targets: number;
  /** Tokens that were read, padding included. */
  readonly tokens: number;
  /** Epochs completed when the step began, with the fraction of the current one. */
  readonly epoch: number;
  /** Where in the data to go on. */
  readonly after: JsonValue;
}

/** What was measured on validation. */
export interface Measurement<E> {
  readonly evaluation: E;
  /** What decides which checkpoint is the best. */
  readonly score: { readonly metric: string; readonly value: number; readonly higherIsBetter: boolean };
  /** What the metrics file says of it. */
  readonly record: Named<number | null>;
}

/** A model with its data and its place on the device, as the loop sees them. */
export interface Course<Counts, E> {
  /** How much there is to learn from. */
  readonly counts: Counts;
  /** Whether a new run is measured before its first step. */
  readonly measuresFirst: boolean;
  /** Does at least one step. @throws {NonFiniteError} when a loss or gradient is not finite, none of that step being applied */
  advance(request: StepRequest): Promise<readonly DoneStep[]>;
  /** `null` when there is nothing to validate on. */
  measure(): Promise<Measurement<E> | null>;
  /** Copies what a checkpoint holds to the host. The copy is good until the next one. */
  read(): Promise<TrainingTrees<TensorData>>;
}

export interface LoopOptions<Counts, E> {
  readonly settings: LoopSettings;
  /** Where checkpoints and metrics go. */
  readonly run: TrainingRun;
  /** Ends training after the current step, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** Ends training after so many seconds of this call, with an evaluation and a checkpoint. */
  readonly maxSeconds?: number | undefined;
  readonly onEvent?: ((event: LoopEvent<Counts, E>) => void) | undefined;
}

/** Why training ended: all steps done, nothing better for too long, the signal, or its time is over. */
export type StopReason = 'finished' | 'early' | 'interrupted' | 'time';

export interface LoopOutcome<E> {
  readonly reason: StopReason;
  readonly state: TrainingState;
  readonly parameters: number;
  /** Loss of the last step, in nats per target; `null` when no step was done. */
  readonly loss: number | null;
  /** Before the first step; `null` when the run was resumed or nothing was measured then. */
  readonly before: E | null;
  /** The last one of this call; `null` when there was none. */
  readonly after: E | null;
  readonly tokensPerSecond: number;
}

/** Trains from a starting point until there is a reason to stop. */
export class TrainingLoop<Counts, E> {
  private readonly options: LoopOptions<Counts, E>;
  private readonly course: Course<Counts, E>;
  private readonly parameters: number;
  private readonly isNew: boolean;
  private readonly pace = new Pace();
  private readonly began = performance.now();
  private state: TrainingState;
  private savedStep: number | undefined;
  private measuredStep: number | undefined;
  private loss: number | null = null;
  private before: E | null = null;
  private after: E | null = null;

  constructor(options: LoopOptions<Counts, E>, start: StartingPoint, course: Course<Counts, E>) {
    this.options = options;
    this.course = course;
    this.parameters = leavesOf(start.trees.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    this.isNew = start.isNew;
    this.state = start.state;
    this.savedStep = start.isNew ? undefined : start.state.step;
  }

  /**
   * A run that is killed at any moment and resumed ends with the same bits as one that is not.
   * @throws {NonFiniteError} when a loss or gradient is not finite, with the step and the tensor; the last checkpoint stays
   */
  async run(): Promise<LoopOutcome<E>> {
    await this.begin();
    let reason = this.reasonToStop();
    while (reason === undefined) {
      await this.advance();
      reason = this.reasonToStop();
    }
    if (reason === 'time' && this.measuredStep !== this.state.step) await this.evaluate();
    if (this.savedStep !== this.state.step) await this.save(false);
    const { state, parameters, loss, before, after } = this;
    return { reason, state, parameters, loss, before, after, tokensPerSecond: this.pace.tokensPerSecond() };
  }

  private async begin(): Promise<void> {
    const { steps } = this.options.settings;
    this.tell({
      kind: 'started',
      step: this.state.step,
      steps,
      parameters: this.parameters,
      ...this.course.counts,
    });
    if (!this.isNew) return;
    if (!this.course.measuresFirst) return this.save(false);
    await this.evaluate();
    this.before = this.after;
  }

  private reasonToStop(): StopReason | undefined {
    const { settings, signal, maxSeconds = Infinity } = this.options;
    const { steps, patience } = settings;
    if (this.state.step >= steps) return 'finished';
    if (patience !== null && this.state.evaluationsSinceBest >= patience) return 'early';
    if (signal?.aborted) return 'interrupted';
    return (performance.now() - this.began) / 1000 >= maxSeconds ? 'time' : undefined;
  }

  /** A few steps in one go, and what is due after them. */
  private async advance(): Promise<void> {
    const { settings } = this.options;
    const began = performance.now();
    const done = await this.course.advance(this.request());
    const seconds = (performance.now() - began) / 1000;
    for (const step of done) {
      this.pace.add(seconds / done.length, step.tokens);
      await this.accept(step);
    }
    const { step } = this.state;
    if (step % settings.evaluateEvery === 0 || step === settings.steps) await this.evaluate();
    else if (settings.saveEvery !== null && step % settings.saveEvery === 0) await this.save(false);
  }

  private request(): StepRequest {
    const { steps, evaluateEvery, saveEvery } = this.options.settings;
    const { step } = this.state;
    const periods = saveEvery === null ? [evaluateEvery] : [evaluateEvery, saveEvery];
    const untilEnd = steps - step;
    const untilDue = Math.min(untilEnd, ...periods.map((period) => period - (step % period)));
    return { step, untilDue, untilEnd, pace: this.pace, savedStep: this.savedStep };
  }

  /** Takes over what a step did. */
  private async accept({ outputs, targets, after, epoch }: DoneStep): Promise<void> {
    const tokens = this.state.tokens + targets;
    this.state = { ...this.state, step: this.state.step + 1, tokens, data: after };
    this.loss = outputs.loss;
    await this.report(outputs, epoch);
  }

  private async report(outputs: StepOutputs<number>, epoch: number): Promise<void> {
    const { steps, recordEvery } = this.options.settings;
    const { step } = this.state;
    const tokensPerSecond = this.pace.tokensPerSecond();
    const secondsLeft = this.pace.secondsFor(steps - step);
    this.tell({ kind: 'step', step, steps, ...outputs, epoch, tokensPerSecond, secondsLeft });
    if (step % recordEvery !== 0) return;
    await this.options.run.appendMetrics({ step, ...outputs, epoch, tokensPerSecond });
  }

  /** Evaluates if there is something to evaluate, and saves. */
  private async evaluate(): Promise<void> {
    const { step, best, evaluationsSinceBest } = this.state;
    this.measuredStep = step;
    const measured = await this.course.measure();
    if (measured === null) return this.save(false);
    const { evaluation, score, record } = measured;
    const { metric, value, higherIsBetter } = score;
    if (!Number.isFinite(value)) throw diverged(step, `the validation ${metric}`, value);
    const isBest = best === null || (higherIsBetter ? value > best.value : value < best.value);
    this.after = evaluation;
    this.state = {
      ...this.state,
      best: isBest ? { step, metric, value } : best,
      evaluationsSinceBest: isBest ? 0 : evaluationsSinceBest + 1,
    };
    this.tell({ kind: 'evaluated', step, evaluation, isBest });
    await this.options.run.appendMetrics({ step, ...record });
    await this.save(isBest);
  }

  private async save(isBest: boolean): Promise<void> {
    const { parameters: model, ...rest } = asSaved(await this.course.read());
    await this.options.run.saveCheckpoint({ model, ...rest, state: this.state }, { isBest });
    this.savedStep = this.state.step;
    this.tell({ kind: 'saved', step: this.state.step, isBest });
  }

  private tell(event: LoopEvent<Counts, E>): void {
    this.options.onEvent?.(event);
  }
}
