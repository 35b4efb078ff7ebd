// When training on rows ends and what is kept of it: early stopping, the best parameters, restarts. Knows no model and no task.
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Named, RowTable } from './row-table.js';
import { throwIfAborted } from '../core/abort.js';
import { NonFiniteError } from '../core/errors.js';

/** What was measured on the validation rows after an epoch. */
export interface FitEpoch {
  /** From 1, over all calls of `fit`. */
  readonly epoch: number;
  /** Mean loss of the training batches; NaN when the epoch diverged. */
  readonly loss: number;
  readonly validation: Named<number>;
  readonly isBest: boolean;
}

/** What can be fitted: a `RowRun`, or whatever else learns in epochs. */
export interface Learner {
  /** Mean loss of an epoch. @throws {NonFiniteError} when it diverges */
  epoch(tables: readonly RowTable[], learningRate: number): Promise<number>;
  measure(tables: readonly RowTable[]): Promise<Named<number>>;
  parameters(): Promise<Tree<TensorData>>;
  setParameters(parameters: Tree<TensorData>): Promise<void>;
  dispose(): Promise<void>;
}

export interface FitOptions {
  readonly train: readonly RowTable[];
  readonly validation: readonly RowTable[];
  /** The rate of an epoch, counted from 0. */
  readonly learningRate: (epoch: number) => number;
  /** Epochs in a row without a better validation after which training ends. */
  readonly patience: number;
  /** Whether one measurement is better than another; the best parameters are kept. */
  readonly isBetter: (a: Named<number>, b: Named<number>) => boolean;
  /** Whether there is nothing more to gain. */
  readonly isEnough: (validation: Named<number>) => boolean;
  /** Asked between epochs: whether to end with what there is, because time is over, say. */
  readonly isStopped?: (() => boolean) | undefined;
  /** Gives all up. */
  readonly signal?: AbortSignal | undefined;
  readonly onEpoch?: ((epoch: FitEpoch) => void) | undefined;
}

/** Why `fit` returned: the epochs it was given are over, nothing got better, nothing can, training diverged or was stopped. */
export type FitEnd = 'epochs' | 'patience' | 'enough' | 'diverged' | 'stopped';

/** A run with its history: trains as long as it is told to, and remembers its best parameters. */
export class Fitting {
  readonly run: Learner;
  private readonly options: FitOptions;
  private epoch = 0;
  private sinceBest = 0;
  private end: FitEnd | undefined;
  private kept: { readonly validation: Named<number>; readonly parameters: Tree<TensorData> } | undefined;

  constructor(run: Learner, options: FitOptions) {
    this.run = run;
    this.options = options;
  }

  /** Epochs done. */
  get epochs(): number {
    return this.epoch;
  }

  /** The best measurement; `undefined` before the first epoch, or when that diverged. */
  get best(): Named<number> | undefined {
    return this.kept?.validation;
  }

  /**
   * Trains for some more epochs, unless there is a reason to end before. A run that diverges ends with its best parameters.
   * @throws {AbortedError} when the signal fires, between two epochs
   */
  async fit(epochs: number): Promise<FitEnd> {
    const until = this.epoch + epochs;
    while (this.end === undefined && this.epoch < until) {
      throwIfAborted(this.options.signal);
      if (this.options.isStopped?.()) this.end = 'stopped';
      else await this.advance();
    }
    return this.end ?? 'epochs';
  }

  /** Puts the best parameters back into the run. @returns them, or the present ones when nothing was measured */
  async restoreBest(): Promise<Tree<TensorData>> {
    if (this.kept === undefined) return this.run.parameters();
    await this.run.setParameters(this.kept.parameters);
    return this.kept.parameters;
  }

  private async advance(): Promise<void> {
    const { train, validation: rows, learningRate, patience, isBetter, isEnough } = this.options;
    const loss = await this.lossOfEpoch(train, learningRate(this.epoch));
    this.epoch++;
    if (Number.isNaN(loss)) {
      this.end = 'diverged';
      return;
    }
    const validation = await this.run.measure(rows);
    const isBest = this.kept === undefined || isBetter(validation, this.kept.validation);
    if (isBest) this.kept = { validation, parameters: await this.run.parameters() };
    this.sinceBest = isBest ? 0 : this.sinceBest + 1;
    this.options.onEpoch?.({ epoch: this.epoch, loss, validation, isBest });
    if (isEnough(validation)) this.end = 'enough';
    else if (this.sinceBest >= patience) this.end = 'patience';
  }

  private async lossOfEpoch(train: readonly RowTable[], rate: number): Promise<number> {
    try {
      return await this.run.epoch(train, rate);
    } catch (error) {
      if (error instanceof NonFiniteError) return Number.NaN;
      throw error;
    }
  }
}

export interface BestOfOptions {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  /** Epochs after which attempts are compared; the best goes on alone. */
  readonly trialEpochs: number;
  /** Epochs of the one that goes on, its trial included. */
  readonly epochs: number;
  /** Whether there is time for another attempt. Default: always. */
  readonly mayRetry?: () => boolean;
}

/**
 * Restarts: trains attempts one after another for a trial, lets the best by validation go on, and keeps its best parameters.
 * An attempt that ends by itself with nothing more to gain saves the others.
 * @param start makes attempt 0, 1, ...
 */
export async function bestOf(
  start: (attempt: number) => Promise<Fitting>,
  isBetter: FitOptions['isBetter'],
  { attempts, trialEpochs, epochs, mayRetry = () => true }: BestOfOptions,
): Promise<{ readonly fitting: Fitting; readonly attempts: number }> {
  let best = await start(0);
  let made = 1;
  let end = await best.fit(attempts > 1 ? trialEpochs : epochs);
  while (end !== 'enough' && end !== 'stopped' && made < attempts && mayRetry()) {
    const other = await start(made++);
    end = await other.fit(trialEpochs);
    const wins = other.best !== undefined && (best.best === undefined || isBetter(other.best, best.best));
    await (wins ? best : other).run.dispose();
    if (wins) best = other;
  }
  await best.fit(epochs - best.epochs);
  await best.restoreBest();
  return { fitting: best, attempts: made };
}
