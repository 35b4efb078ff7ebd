// Trains a task on the rows of a table, into a run folder: from a recipe and perhaps a base, or from where a run stands. Knows no particular task and no terminal.
import type { JsonObject, RunConfig, TrainingRun } from '../../checkpoint/index.js';
import type { Files } from '../../core/files.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { RowReport } from '../../data/index.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { TokenizerTrainingProgress } from '../../text/index.js';
import type { ExampleModel, ExampleTrainingEvent, ExampleTrainingOutcome } from '../../train/index.js';
import type { DataReport, TaskDataChoice, TaskRows } from './task-data.js';
import type { OpenTask, Task } from './task.js';
import { createRun, openRun, plainJson } from '../../checkpoint/index.js';
import { removeTemporaryFiles } from '../../core/files.js';
import { Random } from '../../core/random.js';
import { withProblems } from '../../data/index.js';
import { closing } from '../closing.js';
import { tokenizerFromJSON } from '../../text/index.js';
import { startFrom, trainOnExamples } from '../../train/index.js';
import { readBase, requireSuitable } from './base.js';
import { acceptedRows } from './refused-rows.js';
import { columnsOf, loadTaskRows, readTaskData, saveTaskRows } from './task-data.js';
import { describedTask, openTaskOf, recipeOf } from './task-run.js';

/** What is told while a task is prepared and trained. */
export type TuneEvent =
  | { readonly kind: 'rows'; readonly report: DataReport }
  /** Rows that validate and were passed over, since they have what the others never have, such as a label. */
  | { readonly kind: 'refused'; readonly report: RowReport }
  | ({ readonly kind: 'tokenizer' } & TokenizerTrainingProgress)
  | ExampleTrainingEvent;

export interface TuneJob {
  readonly files: Files;
  readonly runtime: Runtime;
  /** The run's folder. */
  readonly folder: string;
  /** Ends training after the current step, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** Ends training after so many seconds, with an evaluation and a checkpoint. */
  readonly maxSeconds?: number | undefined;
  readonly onEvent?: ((event: TuneEvent) => void) | undefined;
}

export interface TuneChoice extends TaskDataChoice {
  readonly task: Task;
  /** As a person writes it: a preset or a configuration file, with changes. */
  readonly recipe: unknown;
  /** The folder of a run to go on from. */
  readonly base?: string | undefined;
}

/**
 * Begins a run: reads and splits the rows, learns the tokenizer or takes that of the base, trains, and keeps what validates best.
 * @throws {ConfigError} when the recipe has an unknown key or a wrong value, or the base does not suit
 * @throws {DataError} when the table is missing, empty or malformed, lacks a column, or is nothing to learn from
 * @throws {StorageError} when the folder holds a run already, is in use, or cannot be written
 */
export async function tune(job: TuneJob, choice: TuneChoice): Promise<ExampleTrainingOutcome> {
  const run = await createRun(job.files, job.folder, () => describeRun(job, choice));
  return closing(run, () => trainInto(run, job));
}

/**
 * Goes on with a run from its last checkpoint, with the recipe and the rows it began with.
 * @param changes training settings that differ from now on, such as more epochs; the run remembers them
 * @throws {CheckpointError} when there is no run, it is of no task, or its checkpoint is damaged
 */
export async function resumeTuning(job: TuneJob, changes: JsonObject = {}): Promise<ExampleTrainingOutcome> {
  const run = await openRun(job.files, job.folder);
  return closing(run, async () => {
    await removeTemporaryFiles(job.files, job.folder);
    if (Object.keys(changes).length > 0) {
      const { training } = recipeOf(run, changes);
      await run.reconfigure(plainJson({ ...run.config, training }) as RunConfig);
    }
    return trainInto(run, job);
  });
}

/** Reads rows, makes the tokenizer and the model's configuration. A failure leaves nothing behind. */
async function describeRun({ files, folder, signal, onEvent }: TuneJob, choice: TuneChoice) {
  const { task } = choice;
  const recipe = task.parseRecipe(choice.recipe);
  const columns = columnsOf(task, choice);
  const base = choice.base === undefined ? undefined : await readBase(files, choice.base);
  if (base !== undefined) requireSuitable(base, task);
  const { rows: read, report } = await readTaskData(files, task, columns, choice, recipe.training.seed);
  onEvent?.({ kind: 'rows', report });
  const onProgress = (progress: TokenizerTrainingProgress): void =>
    onEvent?.({ kind: 'tokenizer', ...progress });
  const prepared = await task.prepare({ files, recipe, rows: read.train, columns, base, signal, onProgress });
  const { tokenizer, model, details } = prepared;
  const description = { model, details };
  const opened = task.open({ ...description, tokenizer, ...columns, training: recipe.training });
  // What cannot be learned from is said now, before there is a run.
  opened.examples(read.train);
  const rows = choice.skipBad ? withMeasurable(read, opened, onEvent) : read;
  task.initial?.({ recipe, description, tokenizer, opened, rows: rows.train, base });
  await removeTemporaryFiles(files, folder);
  await saveTaskRows(files, folder, rows);
  const config = {
    model,
    task: { name: task.name, ...columns, details },
    recipe: { model: recipe.model, tokenizer: recipe.tokenizer },
    training: recipe.training,
    data: { rows: { ...report, validationRows: rows.validation.length }, base: choice.base },
  };
  return { config: plainJson(config) as RunConfig, tokenizer: JSON.stringify(tokenizer.toJSON()) };
}

/** Without the rows that cannot be validated on. */
function withMeasurable(read: TaskRows, opened: OpenTask, onEvent: TuneJob['onEvent']): TaskRows {
  const { rows: validation, problems } = acceptedRows(read.validation, (row) => opened.check?.(row));
  if (problems.length === 0) return read;
  const rows = { name: 'those that validate', rows: validation.length, empty: 0, duplicates: 0 };
  const report = withProblems({ ...rows, bad: 0, problems: [], badLines: [] }, problems);
  onEvent?.({ kind: 'refused', report });
  return { ...read, validation };
}

async function trainInto(run: TrainingRun, job: TuneJob): Promise<ExampleTrainingOutcome> {
  const { files, runtime, folder, signal, maxSeconds, onEvent } = job;
  const opened = openTaskOf(run);
  const rows = await loadTaskRows(files, folder);
  const validation = rows.validation.length > 0 ? opened.validation(rows.validation, runtime) : undefined;
  try {
    const outcome = await trainOnExamples({
      runtime,
      model: await beginning(run, opened, rows, files),
      examples: opened.examples(rows.train, runtime),
      validation,
      settings: recipeOf(run).training,
      run,
      signal,
      maxSeconds,
      onEvent,
    });
    if (outcome.reason !== 'interrupted') await finish(run, opened, rows, runtime);
    return outcome;
  } finally {
    await validation?.dispose();
  }
}

/** The model, with what a new run begins with. */
async function beginning(
  run: TrainingRun,
  opened: OpenTask,
  rows: TaskRows,
  files: Files,
): Promise<ExampleModel> {
  if (await run.holds('last')) return opened.model;
  const { task, description, base } = describedTask(run);
  if (task.initial === undefined) return opened.model;
  const initial = task.initial({
    recipe: recipeOf(run),
    description,
    tokenizer: tokenizerFromJSON(run.tokenizer),
    opened,
    rows: rows.train,
    base: base === undefined ? undefined : await readBase(files, base),
  });
  return startFrom(opened.model, initial);
}

/** Learns what can be learned when training is over, from the best parameters. */
async function finish(run: TrainingRun, opened: OpenTask, rows: TaskRows, runtime: Runtime): Promise<void> {
  if (opened.finish === undefined || rows.validation.length === 0) return;
  const like: Tree<TensorData> = opened.model.init(Random.fromSeed(0));
  const { trees } = await run.load(await run.bestKnown(), { model: like });
  const finished = await opened.finish(rows.validation, trees.model, runtime);
  await run.reconfigure(plainJson({ ...run.config, finished }) as RunConfig);
}
