// Measures what memories remember: trains each on one task with a few learning rates and takes the best by validation. Knows no output.
import type { TensorData } from '../../core/tensor-data.js';
import type { RecallTask } from '../../data/index.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { LanguageModel } from '../../models/index.js';
import type { TrainingSettings } from '../../train/index.js';
import type { RecallAccuracy } from './recall-accuracy.js';
import type { RecallContestant } from './recall-model.js';
import type {
  RecallCell,
  RecallCellAccuracy,
  RecallEnd,
  RecallOutcome,
  RecallProgress,
} from './train-recall.js';
import { Random } from '../../core/random.js';
import { sizeOf } from '../../core/shape.js';
import { leavesOf } from '../../core/tree.js';
import { recallModel, recallTraining } from './recall-model.js';
import { trainRecall } from './train-recall.js';

export interface RecallMeasurement {
  readonly runtime: Runtime;
  readonly task: RecallTask;
  /** Parts of the task that are measured one by one besides. Default: none. */
  readonly cells?: readonly RecallCell[];
  readonly contestants: readonly RecallContestant[];
  /** Each memory is measured at each of these widths: its accuracy against the bytes of its state. */
  readonly widths: readonly number[];
  readonly layers: number;
  readonly heads: number;
  /** Tried in this order until one solves the task. */
  readonly learningRates: readonly number[];
  /** Each learning rate is tried with each seed. */
  readonly seeds: readonly number[];
  /** Of one training, at most. */
  readonly steps: number;
  readonly batchSize: number;
  /** Of one training, at most; what it has learned by then is tested. Default: no bound. */
  readonly maxSeconds?: number | undefined;
  /** Validation accuracy at which a training ends. */
  readonly solved: number;
  /** Ends the measurement after the steps that are running, with what is known by then. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: RecallMeasurementProgress) => void) | undefined;
}

export interface RecallMeasurementProgress extends RecallProgress {
  readonly memory: string;
  readonly width: number;
  readonly learningRate: number;
  readonly seed: number;
}

/** One training. */
export interface RecallRun {
  readonly learningRate: number;
  readonly seed: number;
  readonly end: RecallEnd;
  readonly steps: number;
  readonly seconds: number;
  /** Accuracy on validation examples, by which the best training is chosen. */
  readonly validation: number;
  /** Accuracy on test examples. */
  readonly accuracy: number;
}

/** What a memory of one width remembers, by its best training: the accuracy is that on test examples. */
export interface RecallResult extends RecallAccuracy {
  readonly memory: string;
  readonly width: number;
  /** Of the state of one sequence as long as the task's, all layers together. */
  readonly stateBytes: number;
  readonly parameters: number;
  readonly best: RecallRun;
  readonly runs: readonly RecallRun[];
  /** Validation accuracy of the best training on its way. */
  readonly curve: RecallOutcome['curve'];
  readonly cells: readonly RecallCellAccuracy[];
}

/** A memory at one width. */
interface Entry {
  readonly contestant: RecallContestant;
  readonly width: number;
  readonly model: LanguageModel;
}

/** A training that is to come. */
type Plan = Pick<RecallRun, 'learningRate' | 'seed'> & { readonly settings: TrainingSettings };

/** A training, in short and in full. */
interface Trial {
  readonly run: RecallRun;
  readonly outcome: RecallOutcome;
}

/**
 * Measures every memory at every width. The same choices give the same result.
 *
 * @example
 * const task = associativeRecall({ vocabularySize: 512, length: 64, pairs: 8 });
 * const [result] = await measureRecall({ ...choices, runtime, task, contestants: [{ name: 'gru', memory: 'gru' }] });
 *
 * @throws {ConfigError} when a memory does not exist, its sizes do not fit or a choice is impossible, before anything is trained
 */
export async function measureRecall(measurement: RecallMeasurement): Promise<RecallResult[]> {
  const { task, contestants, widths, layers, heads, signal } = measurement;
  const entries: Entry[] = contestants.flatMap((contestant) =>
    widths.map((width) => ({
      contestant,
      width,
      model: recallModel(task, contestant, { width, layers, heads }),
    })),
  );
  const plans = plansOf(measurement);
  const results: RecallResult[] = [];
  for (const entry of entries) {
    if (signal?.aborted) break;
    results.push(resultOf(entry, await sweep(measurement, entry, plans)));
  }
  return results;
}

/** Every learning rate with every seed, the seeds one after another. */
function plansOf({ task, learningRates, seeds, steps, batchSize }: RecallMeasurement): Plan[] {
  return seeds.flatMap((seed) =>
    learningRates.map((learningRate) => {
      const choices = { learningRate, seed, steps, batchSize, evaluateEvery };
      return { learningRate, seed, settings: recallTraining(task.length, choices) };
    }),
  );
}

/** One training after another, until the task is solved. */
async function sweep(measurement: RecallMeasurement, entry: Entry, plans: readonly Plan[]): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const plan of plans) {
    const trial = await train(measurement, entry, plan);
    trials.push(trial);
    if (trial.run.end === 'solved' || trial.run.end === 'interrupted') break;
  }
  return trials;
}

/** Steps that run in one call, at most: few calls, and still an answer to Ctrl-C within seconds. */
const mostStepsPerCall = 10;
const evaluateEvery = 100;

/** The largest divisor of `steps` that is at most `limit`. */
function divisorOf(steps: number, limit: number): number {
  let divisor = Math.min(limit, steps);
  while (steps % divisor !== 0) divisor--;
  return divisor;
}

async function train(
  measurement: RecallMeasurement,
  { contestant, width, model }: Entry,
  { settings, ...choice }: Plan,
): Promise<Trial> {
  const { steps, onProgress } = measurement;
  const outcome = await trainRecall({
    ...measurement,
    model,
    settings,
    stepsPerCall: divisorOf(steps, mostStepsPerCall),
    validationBatches: 4,
    testBatches: 8,
    onProgress: (progress) => onProgress?.({ ...progress, ...choice, width, memory: contestant.name }),
  });
  const { end, seconds, validation, test } = outcome;
  const run = { ...choice, end, steps: outcome.steps, seconds, validation, accuracy: test.accuracy };
  return { run, outcome };
}

function resultOf({ contestant, width, model }: Entry, trials: readonly Trial[]): RecallResult {
  const best = trials.reduce((a, b) => (b.run.validation > a.run.validation ? b : a));
  const { test, curve, cells } = best.outcome;
  const parameters = leavesOf<TensorData>(model.init(Random.fromSeed(0)));
  return {
    memory: contestant.name,
    width,
    stateBytes: model.stateBytes(model.config.maxLength),
    parameters: parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    ...test,
    best: best.run,
    runs: trials.map(({ run }) => run),
    curve,
    cells,
  };
}
