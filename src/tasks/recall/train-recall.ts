// Trains a language model on a task of recall until it is solved, or the steps or the time are used up. Knows nothing of sweeps and reports.
import type { Tree } from '../../core/tree.js';
import type { RecallBatch, RecallTask } from '../../data/index.js';
import type { DeviceState, Runtime } from '../../engine/runtime/runtime.js';
import type { LanguageModel } from '../../models/index.js';
import type { TrainingSettings, TrainingTrees } from '../../train/index.js';
import type { RecallAccuracy } from './recall-accuracy.js';
import { Random } from '../../core/random.js';
import { TensorData } from '../../core/tensor-data.js';
import { flattenTree } from '../../core/tree.js';
import { recallBatch } from '../../data/index.js';
import { initialOptimizerState, stepInputs, TrainingSteps } from '../../train/index.js';
import { RecallEvaluator } from './recall-evaluator.js';

export interface RecallTraining {
  readonly runtime: Runtime;
  readonly task: RecallTask;
  readonly model: LanguageModel;
  readonly settings: TrainingSettings;
  /** Steps of one call of the runtime; evaluations come between calls. */
  readonly stepsPerCall: number;
  /** Accuracy on the validation examples at which the task counts as solved and training ends. */
  readonly solved: number;
  /** Batches that validate, and batches that test. */
  readonly validationBatches: number;
  readonly testBatches: number;
  /** Parts of the task that are tested one by one besides. Default: none. */
  readonly cells?: readonly RecallCell[] | undefined;
  /** Training ends after so many seconds, and what was learned by then is tested. Default: never. */
  readonly maxSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: RecallProgress) => void) | undefined;
}

/** A part of a task: examples of one length with the answer at one depth. */
export interface RecallCell {
  /** Tokens. */
  readonly length: number;
  /** 0 is the start of the text, 1 its end. */
  readonly depth: number;
  readonly task: RecallTask;
}

/** How well a part of a task is answered. */
export interface RecallCellAccuracy extends Pick<RecallAccuracy, 'accuracy' | 'exact'> {
  readonly length: number;
  readonly depth: number;
}

export interface RecallProgress {
  readonly step: number;
  readonly steps: number;
  /** Of the last step, in nats per answer. */
  readonly loss: number;
  /** The last one on the validation examples; 0 before the first. */
  readonly accuracy: number;
  readonly seconds: number;
}

/** Why a training ended. */
export type RecallEnd = 'solved' | 'finished' | 'out-of-time' | 'diverged' | 'interrupted';

export interface RecallOutcome {
  readonly end: RecallEnd;
  readonly steps: number;
  readonly seconds: number;
  /** Of validation examples. */
  readonly validation: number;
  /** On examples that nothing was decided by. */
  readonly test: RecallAccuracy;
  readonly cells: readonly RecallCellAccuracy[];
  /** Validation accuracy on the way. */
  readonly curve: readonly { readonly step: number; readonly loss: number; readonly accuracy: number }[];
}

/** Trains from the seed of the settings: every step reads new examples, validation and test always the same ones. */
export async function trainRecall(training: RecallTraining): Promise<RecallOutcome> {
  const { runtime, task, model, settings, stepsPerCall } = training;
  const parameters = model.init(Random.fromSeed(settings.seed).split('parameters'));
  const trees: TrainingTrees<TensorData> = {
    parameters,
    optimizer: initialOptimizerState(settings, parameters),
  };
  const size = { batchSize: settings.evaluationBatchSize, length: task.length };
  const evaluator = await RecallEvaluator.compile(runtime, model, parameters as Tree<TensorData>, size);
  const steps = await TrainingSteps.compile(runtime, model, trees, settings, stepsPerCall);
  const state = await runtime.createState();
  try {
    await state.write(flattenTree<TensorData>({ ...trees }));
    return await new RecallTrainer(training, { steps, evaluator, state }).run();
  } finally {
    await steps.dispose();
    await evaluator.dispose();
    await state.dispose();
  }
}

interface Compiled {
  readonly steps: TrainingSteps;
  readonly evaluator: RecallEvaluator;
  readonly state: DeviceState;
}

class RecallTrainer {
  private readonly training: RecallTraining;
  private readonly compiled: Compiled;
  private readonly random: Random;
  private readonly curve: { step: number; loss: number; accuracy: number }[] = [];
  private readonly began = performance.now();
  private step = 0;
  private loss = Number.NaN;

  constructor(training: RecallTraining, compiled: Compiled) {
    this.training = training;
    this.compiled = compiled;
    this.random = Random.fromSeed(training.settings.seed);
  }

  async run(): Promise<RecallOutcome> {
    let end = await this.advance();
    while (end === undefined) end = await this.advance();
    const seconds = this.seconds();
    const { task, testBatches } = this.training;
    const validation = this.curve.at(-1)?.step === this.step ? this.accuracy() : await this.validate();
    const test = await this.evaluate(task, 'test', testBatches);
    const cells = await this.evaluateCells();
    return { end, steps: this.step, seconds, validation, test, cells, curve: this.curve };
  }

  /** The steps of one call, and an evaluation when it is due. */
  private async advance(): Promise<RecallEnd | undefined> {
    const { task, settings, stepsPerCall, solved, maxSeconds = Infinity, signal } = this.training;
    const inputs = Array.from({ length: stepsPerCall }, (_, i) => {
      const random = this.random.split('train').split(this.step + i);
      return stepInputs(recallBatch(task, settings.batchSize, random), random.split('dropout'), settings);
    });
    const outputs = await this.compiled.steps.run(this.compiled.state, inputs);
    const isFinite = outputs.every(({ loss, gradientNorm }) => Number.isFinite(loss + gradientNorm));
    if (!isFinite) return 'diverged';
    this.step += stepsPerCall;
    this.loss = outputs.at(-1)?.loss ?? Number.NaN;
    const isLast = this.step >= settings.steps;
    if (this.step % settings.evaluateEvery < stepsPerCall || isLast) await this.validate();
    this.tell();
    if (this.accuracy() >= solved) return 'solved';
    if (isLast) return 'finished';
    if (signal?.aborted) return 'interrupted';
    return this.seconds() >= maxSeconds ? 'out-of-time' : undefined;
  }

  private async validate(): Promise<number> {
    const { task, validationBatches } = this.training;
    const { accuracy } = await this.evaluate(task, 'validation', validationBatches);
    this.curve.push({ step: this.step, loss: this.loss, accuracy });
    return accuracy;
  }

  private async evaluateCells(): Promise<RecallCellAccuracy[]> {
    const found: RecallCellAccuracy[] = [];
    for (const { length, depth, task } of this.training.cells ?? []) {
      const { accuracy, exact } = await this.evaluate(task, 'test', 1);
      found.push({ length, depth, accuracy, exact });
    }
    return found;
  }

  private evaluate(task: RecallTask, split: 'validation' | 'test', count: number): Promise<RecallAccuracy> {
    const { evaluator, state } = this.compiled;
    return evaluator.evaluate(
      state,
      examples(task, this.training.settings.evaluationBatchSize, split, count),
    );
  }

  private accuracy(): number {
    return this.curve.at(-1)?.accuracy ?? 0;
  }

  private seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  private tell(): void {
    const { step, loss, training } = this;
    training.onProgress?.({
      step,
      steps: training.settings.steps,
      loss,
      accuracy: this.accuracy(),
      seconds: this.seconds(),
    });
  }
}

/** Batches of a split, the same for every training. */
function* examples(task: RecallTask, size: number, split: string, count: number): Generator<RecallBatch> {
  for (let i = 0; i < count; i++) yield recallBatch(task, size, Random.fromSeed(i).split(split));
}
