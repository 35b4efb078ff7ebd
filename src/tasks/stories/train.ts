// Trains a model on one task of stories, with restarts, and tests it. Knows nothing of the command line.
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { BabiTask, StoryQuestion } from '../../data/babi.js';
import type { Tensor } from '../../engine/graph.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { FitEpoch } from '../../train/row-fitting.js';
import type { Named, RowTable } from '../../train/row-table.js';
import type { RowModel } from '../../train/row-trainer.js';
import type { StoryReader, StoryReaderName } from './readers.js';
import type { StoryRecipe } from './recipe.js';
import { DataError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { sizeOf } from '../../core/shape.js';
import { leavesOf } from '../../core/tree.js';
import { maximum } from '../../engine/ops/arithmetic.js';
import { cast } from '../../engine/ops/cast.js';
import { equal, not } from '../../engine/ops/comparison.js';
import { crossEntropyRows } from '../../engine/ops/cross-entropy.js';
import { argmax } from '../../engine/ops/reduce.js';
import { crossEntropy } from '../../nn/cross-entropy.js';
import { addDecayedWeights, adamw, chain, clipByGlobalNorm } from '../../optim/index.js';
import { Fitting, bestOf } from '../../train/row-fitting.js';
import { RowTrainer } from '../../train/row-trainer.js';
import { makeStoryReader } from './readers.js';
import { recipes } from './recipe.js';
import { StoryVocabulary } from './vocabulary.js';

/** An epoch of an attempt. */
export interface StoryEpoch extends FitEpoch {
  /** From 1. */
  readonly attempt: number;
  /** Of the linear start, if the model has one. */
  readonly linear: boolean;
}

export interface StoryTrainingOptions {
  readonly runtime: Runtime;
  readonly task: BabiTask;
  readonly model: StoryReaderName;
  /** Instead of what the model's recipe says. */
  readonly recipe?: Partial<StoryRecipe>;
  /** Default: 1. */
  readonly seed?: number;
  /** Training ends after so many seconds, and what is best then is tested. Default: never. */
  readonly maxSeconds?: number | undefined;
  /** Ends training after the epoch, and what is best then is tested. */
  readonly signal?: AbortSignal | undefined;
  readonly onEpoch?: ((epoch: StoryEpoch) => void) | undefined;
}

/** A trained model with what it needs to answer. */
export interface TrainedStoryReader {
  readonly reader: StoryReader;
  readonly vocabulary: StoryVocabulary;
  readonly parameters: Tree<TensorData>;
}

export interface StoryOutcome extends TrainedStoryReader {
  /** Share of the test questions that are answered wrongly, in percent. */
  readonly error: number;
  /** The same of the validation questions, by which attempts and epochs were chosen. */
  readonly validationError: number;
  /** How many attempts were made. */
  readonly attempts: number;
  /** Epochs of the best attempt. */
  readonly epochs: number;
  /** Numbers that were learned. */
  readonly parameterCount: number;
  /** Training and choosing, without the test. */
  readonly seconds: number;
}

/** Share of the training stories that validate. */
const validationShare = 0.1;

/** Share of the time after which no other attempt begins, so that the best has time to go on. */
const trialShare = 0.35;

/** The first stories train, the last validate: no story is in both. @throws {DataError} when there are too few */
function splitStories(questions: readonly StoryQuestion[]): readonly [StoryQuestion[], StoryQuestion[]] {
  const stories = 1 + (questions.at(-1)?.story ?? -1);
  const first = stories - Math.ceil(validationShare * stories);
  const [train, validation] = [
    questions.filter(({ story }) => story < first),
    questions.filter(({ story }) => story >= first),
  ];
  if (train.length > 0) return [train, validation];
  throw new DataError('There is one story only; at least 2 are needed, to learn from and to validate on.', {
    fields: { stories },
  });
}

/** What a reader is to training: mean loss, and of each question the loss and whether the answer is wrong. */
function rowModel(reader: StoryReader, linear: boolean): RowModel {
  const answerOf = (rows: Named<Tensor>): Tensor => rows['answer'] as Tensor;
  return {
    init: (random) => reader.init(random),
    loss: (parameters, rows, key) =>
      crossEntropy(reader.read(parameters, rows, { key, linear }).logits, answerOf(rows)).loss,
    measure(parameters, rows) {
      const { logits } = reader.read(parameters, rows, { linear });
      const answer = answerOf(rows);
      const error = cast(not(equal(argmax(logits), answer)), 'float32');
      return { error, loss: crossEntropyRows(logits, maximum(answer, 0)) };
    },
  };
}

/** Fewer errors, or as many at a lower loss. */
function isBetter(a: Named<number>, b: Named<number>): boolean {
  const [error, other] = [a['error'] ?? 1, b['error'] ?? 1];
  return error < other || (error === other && (a['loss'] ?? 0) < (b['loss'] ?? 0));
}

/** No error, and sure of it. */
function isEnough({ error, loss = 1 }: Named<number>): boolean {
  return error === 0 && loss < 1e-3;
}

/**
 * Trains attempts from several seeds and learning rates, chooses by validation, and tests what was chosen.
 *
 * @throws {DataError} when the task has too few stories
 *
 * @example
 * const task = await readBabiTask(files, 'tasks_1-20_v1-2', 1);
 * const { error } = await trainOnStories({ runtime, task, model: 'dmn-plus' });
 */
export async function trainOnStories(options: StoryTrainingOptions): Promise<StoryOutcome> {
  const { task, model, seed = 1, maxSeconds = Infinity } = options;
  const recipe: StoryRecipe = { ...recipes[model], ...options.recipe };
  const vocabulary = new StoryVocabulary(task.train);
  const reader = makeStoryReader(model, [...task.train, ...task.test], vocabulary, recipe);
  const [train, validation] = splitStories(task.train).map((questions) => rowsOf(reader, questions));
  const began = performance.now();
  const secondsGone = (): number => (performance.now() - began) / 1000;
  const training = new StoryTraining(reader, recipe, options, {
    train: train ?? [],
    validation: validation ?? [],
    isStopped: () => secondsGone() >= maxSeconds || options.signal?.aborted === true,
  });
  try {
    const random = Random.fromSeed(seed);
    const start = (attempt: number): Promise<Fitting> => training.start(attempt, random.split(attempt));
    const mayRetry = (): boolean => secondsGone() < trialShare * maxSeconds;
    const { fitting, attempts } = await bestOf(start, isBetter, { ...recipe, mayRetry });
    const seconds = secondsGone();
    const parameters = await fitting.restoreBest();
    const tested = await fitting.run.measure(rowsOf(reader, task.test));
    return {
      reader,
      vocabulary,
      parameters,
      attempts,
      seconds,
      error: 100 * (tested['error'] ?? 1),
      validationError: 100 * (fitting.best?.['error'] ?? 1),
      epochs: fitting.epochs,
      parameterCount: leavesOf(parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    };
  } finally {
    await training.dispose();
  }
}

function rowsOf(reader: StoryReader, questions: readonly StoryQuestion[]): RowTable[] {
  return reader.layout.tables(questions).map(({ rows }) => rows);
}

interface StoryRows {
  readonly train: readonly RowTable[];
  readonly validation: readonly RowTable[];
  readonly isStopped: () => boolean;
}

/** The compiled training of a reader, from which attempts start. */
class StoryTraining {
  private readonly recipe: StoryRecipe;
  private readonly options: StoryTrainingOptions;
  private readonly rows: StoryRows;
  private readonly trainer: RowTrainer;
  private readonly linear: RowTrainer;

  constructor(reader: StoryReader, recipe: StoryRecipe, options: StoryTrainingOptions, rows: StoryRows) {
    this.recipe = recipe;
    this.options = options;
    this.rows = rows;
    const trainerOf = (linear: boolean): RowTrainer =>
      new RowTrainer({
        runtime: options.runtime,
        model: rowModel(reader, linear),
        batchSize: recipe.batchSize,
        optimizer: (learningRate) =>
          chain(
            clipByGlobalNorm(recipe.clipNorm),
            addDecayedWeights(recipe.l2),
            adamw({ learningRate, weightDecay: 0 }),
          ),
      });
    [this.trainer, this.linear] = [trainerOf(false), trainerOf(true)];
  }

  /** A new attempt, behind its linear start if it has one. */
  async start(attempt: number, random: Random): Promise<Fitting> {
    const { learningRates, linearEpochs } = this.recipe;
    const rate = learningRates[attempt % learningRates.length] ?? 0;
    if (linearEpochs === 0) return this.fitting(await this.trainer.start(random), attempt, rate, false);
    const beginning = this.fitting(await this.linear.start(random), attempt, rate / 2, true);
    await beginning.fit(linearEpochs);
    const parameters = await beginning.restoreBest();
    await beginning.run.dispose();
    return this.fitting(await this.trainer.start(random.split('softmax'), parameters), attempt, rate, false);
  }

  private fitting(run: Fitting['run'], attempt: number, rate: number, linear: boolean): Fitting {
    const { decay, decayEvery, patience } = this.recipe;
    const { onEpoch } = this.options;
    return new Fitting(run, {
      ...this.rows,
      isBetter,
      isEnough,
      patience,
      learningRate: (epoch) => rate * decay ** Math.floor(epoch / decayEvery),
      onEpoch: (epoch) => onEpoch?.({ ...epoch, attempt: attempt + 1, linear }),
    });
  }

  async dispose(): Promise<void> {
    await this.trainer.dispose();
    await this.linear.dispose();
  }
}
