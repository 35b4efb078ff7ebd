// `mneme tune`: trains a task on the rows of a table, into a run folder.
import { Command, Option } from 'commander';
import type { JsonObject } from '../../checkpoint/index.js';
import type { RecordSource } from '../../data/index.js';
import type { Task } from '../../tasks/tune/task.js';
import type { ParallelFlags } from '../parallel-flags.js';
import type { TableFlags } from '../table-flags.js';
import type { TuningSummary } from '../tuning.js';
import { UsageError } from '../../core/errors.js';
import { listOf, number, wholeNumber } from '../options.js';
import { formatDuration, note, print, printJson } from '../output.js';
import { holdsRun } from '../run-folder.js';
import { tableOf, withParallelFlags } from '../parallel-flags.js';
import { columnsOf, tableOptions, withTableFlags } from '../table-flags.js';

interface TuneFlags extends TableFlags, ParallelFlags {
  readonly task?: string;
  readonly data?: string;
  readonly validation?: string;
  readonly validationSource?: string;
  readonly validationTarget?: string;
  readonly lowercase?: boolean;
  readonly reward?: 'rouge-l' | 'bleu';
  readonly validationFraction?: number;
  readonly dataFraction?: number;
  readonly context?: readonly string[];
  readonly duplicates?: 'keep' | 'drop';
  readonly preset?: string;
  readonly config?: string;
  readonly out?: string;
  readonly resume?: boolean;
  readonly steps?: number;
  readonly epochs?: number;
  readonly maxMinutes?: number;
  readonly seed?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly patience?: number;
  readonly freeze?: readonly string[];
  readonly layerDecay?: number;
  readonly average?: number;
  readonly classWeights?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

const help = `
Columns are roles: --text-column review says which column holds the text; --column ROLE=NAME names any. Examples:
  npx mneme tune --task classify --data reviews.csv --text-column review --label-column label --out RUN
  npx mneme tune --task translate --source train.en --target train.de --out RUN
  npx mneme tune BASE --task classify --data reviews.csv --layer-decay 0.8 --out RUN
`;

export function command(): Command {
  const verb = new Command('tune')
    .description('Train a task on the rows of a table, from scratch or on top of a trained run.')
    .argument('[base]', 'run folder to go on from')
    .option('--task <name>', 'what to learn, such as classify')
    .option('--data <file>', 'table to learn from: .csv, .tsv, .jsonl (also in .gz) or .parquet')
    .option('--validation <file>', 'table that validates, instead of a part of the data')
    .option('--validation-fraction <part>', 'part of the data that validates (default: 0.1)', number(0))
    .option('--data-fraction <part>', 'part of the data to use, of every label alike (default: 1)', number(0))
    .option('--context <columns>', 'columns to put in front of the text, the furthest first', listOf(String))
    .addOption(
      new Option('--duplicates <what>', 'rows that say what an earlier one said').choices(['keep', 'drop']),
    );
  return withParallelFlags(withTableFlags(verb))
    .option('--validation-source <file>', 'texts that validate, beside --source')
    .option('--validation-target <file>', 'their translations')
    .option('--lowercase', 'lower-case both sides, for tasks that write')
    .addOption(
      new Option('--reward <metric>', 'go on from BASE by what a metric thinks of its texts').choices([
        'rouge-l',
        'bleu',
      ]),
    )
    .option('--preset <name>', 'recipe of the task (default: its first)')
    .option('--config <file>', 'recipe as a JSON file, in the place of a preset')
    .option('--out <run>', 'run folder (default: a new one in runs/)')
    .option('--resume', 'go on with the run in --out from its last checkpoint')
    .option('--steps <n>', 'optimizer steps in all', wholeNumber(1))
    .option('--epochs <n>', 'passes through the rows, instead of steps', number(0))
    .option('--max-minutes <n>', 'stop after so many minutes', number(0))
    .option('--seed <n>', 'seed of everything random', wholeNumber(0))
    .option('--batch-size <n>', 'rows of a batch', wholeNumber(1))
    .option('--learning-rate <rate>', 'highest learning rate', number(0))
    .option('--patience <n>', 'stop after so many evaluations without a better one', wholeNumber(1))
    .option('--freeze <paths>', 'parameters that stay as they are, such as reader.embedding', listOf(String))
    .option('--layer-decay <factor>', 'what each layer further down multiplies the rate by', number(0))
    .option(
      '--average <decay>',
      'validate and keep a moving average of the parameters, such as 0.999',
      number(0),
    )
    .option('--class-weights <how>', 'balanced: each class counts alike, however rare')
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', help)
    .action(run);
}

async function run(base: string | undefined, flags: TuneFlags): Promise<void> {
  const summary = await tuneOrGoOn(base, flags);
  if (flags.json) return printJson(summary);
  const { validation, best } = summary;
  const { formatMetrics } = await import('../tuning.js');
  print(`${summary.run}: step ${summary.step}, ${formatDuration(summary.seconds)}`);
  if (validation !== null) print(`last validation: ${formatMetrics(validation)}`);
  if (best !== null) print(`best ${best.metric} ${best.value.toFixed(4)}, at step ${best.step}`);
}

/** With `--resume`, a run that is not there yet is begun, so that one command serves the first time and the next. */
async function tuneOrGoOn(base: string | undefined, flags: TuneFlags): Promise<TuningSummary> {
  const { task, out, resume } = flags;
  if (resume && out === undefined) throw new UsageError('--resume needs --out RUN: which run to go on with.');
  if (resume && out !== undefined && (await holdsRun(out))) return goOn(flags, out);
  const { taskNamed, taskNames } = await import('../../tasks/tune/tasks.js');
  if (task === undefined) throw new UsageError(`--task NAME is needed: ${taskNames.join(', ')}.`);
  const names = { data: '--data', source: '--source', target: '--target' };
  const data = await tableOf(flags, flags.data, names);
  if (data === undefined) throw new UsageError('--data FILE is needed: the table to learn from.');
  return begin(taskNamed(task), data, base, flags);
}

async function begin(
  task: Task,
  data: string | RecordSource,
  base: string | undefined,
  flags: TuneFlags,
): Promise<TuningSummary> {
  const { newRunFolder } = await import('../training.js');
  const { tuneWithProgress } = await import('../tuning.js');
  const { tune } = await import('../../tasks/tune/tune.js');
  const { validationFraction, dataFraction, context, duplicates, validationSource, validationTarget } = flags;
  const validation = await tableOf(
    { source: validationSource, target: validationTarget, encoding: flags.encoding },
    flags.validation,
    { data: '--validation', source: '--validation-source', target: '--validation-target' },
  );
  const recipe = await chosenRecipe(task, flags, base !== undefined);
  const columns = columnsOf(flags);
  const folder = flags.out ?? newRunFolder(task.name);
  note(`Run folder: ${folder}`);
  const parts = { validation, validationFraction, dataFraction };
  const rows = { data, ...parts, columns, context, duplicates, ...tableOptions(flags) };
  return tuneWithProgress(folder, flags, (job) => tune(job, { task, recipe, base, ...rows }));
}

async function goOn(flags: TuneFlags, folder: string): Promise<TuningSummary> {
  const { tuneWithProgress } = await import('../tuning.js');
  const { resumeTuning } = await import('../../tasks/tune/tune.js');
  note(`Going on with ${folder}, its recipe and its rows.`);
  return tuneWithProgress(folder, flags, (job) => resumeTuning(job, trainingChanges(flags)));
}

/** A recipe that was not checked yet. */
async function chosenRecipe(task: Task, flags: TuneFlags, hasBase: boolean): Promise<JsonObject> {
  const { changeTraining } = await import('../../tasks/language-model/recipe.js');
  const { presetOf } = await import('../../tasks/tune/tasks.js');
  const { config, classWeights, lowercase, reward } = flags;
  const preset = flags.preset ?? (reward === undefined ? undefined : 'reward');
  if (config !== undefined && flags.preset !== undefined)
    throw new UsageError('Give --preset or --config, not both.');
  const { readRecipe } = await import('../recipe-file.js');
  const recipe =
    config === undefined ? presetOf(task, preset, { hasBase }) : (await readRecipe(config)).recipe;
  const model = recipe['model'] as JsonObject | undefined;
  const training = recipe['training'] as JsonObject | undefined;
  return {
    ...recipe,
    ...(classWeights !== undefined && { model: { ...model, classWeights } }),
    ...pairChanges(model, { lowercase, reward: reward && { ...rewardOf(model), metric: reward } }),
    training: changeTraining(training ?? {}, trainingChanges(flags)),
  };
}

/** How a recipe learns from a metric, whichever it is. */
function rewardOf(model: JsonObject | undefined): JsonObject | undefined {
  const pairs = model?.['pairs'] as JsonObject | undefined;
  return pairs?.['reward'] as JsonObject | undefined;
}

/** What flags change of how a task that writes learns from pairs. */
function pairChanges(model: JsonObject | undefined, changes: object): JsonObject {
  const known = JSON.parse(JSON.stringify(changes)) as JsonObject;
  if (Object.keys(known).length === 0) return {};
  return { model: { ...model, pairs: { ...(model?.['pairs'] as JsonObject | undefined), ...known } } };
}

/** The training settings that flags change. */
function trainingChanges(flags: TuneFlags): JsonObject {
  const { steps, epochs, seed, batchSize, learningRate, patience, freeze, layerDecay, average } = flags;
  if (steps !== undefined && epochs !== undefined)
    throw new UsageError('Give --steps or --epochs, not both.');
  const given = { steps, epochs, seed, batchSize, learningRate, patience, freeze, layerDecay, average };
  return JSON.parse(JSON.stringify(given)) as JsonObject;
}
