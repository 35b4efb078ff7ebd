// `mneme train`: trains a model on a text, into a run folder: to write on, or to guess what was hidden.
import { Command, Option } from 'commander';
import type { JsonObject } from '../../checkpoint/index.js';
import type { PretrainingTask } from '../../tasks/pretrain/recipe.js';
import type { Evaluation, Named } from '../../train/index.js';
import type { TrainingSummary } from '../training.js';
import { UsageError } from '../../core/errors.js';
import { presetNamed, presetSummary } from '../../tasks/language-model/presets.js';
import {
  pretrainingPreset,
  pretrainingPresetSummary,
  pretrainingTasks,
  taskOfPreset,
} from '../../tasks/pretrain/presets.js';
import { number, wholeNumber } from '../options.js';
import { holdsRun } from '../run-folder.js';
import { formatDuration, note, print, printJson } from '../output.js';

interface TrainFlags {
  readonly task?: typeof languageModel | PretrainingTask;
  readonly data?: string;
  readonly field?: string;
  readonly validation?: string;
  readonly preset?: string;
  readonly config?: string;
  readonly chatTemplate?: string;
  readonly out?: string;
  readonly resume?: boolean;
  readonly steps?: number;
  readonly epochs?: number;
  readonly seed?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly evaluateEvery?: number;
  readonly patience?: number;
  readonly threads?: number;
  readonly json?: boolean;
}

const defaultPreset = 'char-gpt-cpu';
const languageModel = 'language-model';

const help = `
A recipe is a preset, or a JSON file whose blocks may have a memory each, by name or with options:
  {"model": {"width": 128, "maxLength": 128, "position": "none",
             "memory": ["sliding-window", "delta-net", {"kind": "lstm", "forgetBias": 0}]},
   "training": {"epochs": 2, "batchSize": 16, "order": "sequential", "carryState": true, "learningRate": 2e-3}}
A block "chat" says how conversations are written in the text; chat and serve then write so, and end answers at "stop":
  "chat": {"user": {"prefix": "<user> ", "suffix": "\\n"}, "assistant": {"prefix": "<bot> ", "suffix": "\\n"}, "stop": ["\\n"]}
With carryState what the model remembers is carried from batch to batch (truncated backpropagation through time).
`;

export function command(): Command {
  return new Command('train')
    .description('Train a model on a text, into a run folder.')
    .addOption(
      new Option(
        '--task <name>',
        `what is learned: ${languageModel} (default), or to guess hidden tokens, or to write hidden sentences`,
      ).choices([languageModel, ...pretrainingTasks]),
    )
    .option('--data <path>', 'text file, folder of texts, .jsonl file, or - for standard input')
    .option('--field <name>', 'field of JSONL records that holds the text (default: text)')
    .option('--validation <path>', 'text that validates, instead of the last part of the data')
    .option(
      '--preset <name>',
      `recipe: ${presetSummary} (default: ${defaultPreset}); of other tasks: ${pretrainingPresetSummary}`,
    )
    .option('--config <file>', 'recipe as a JSON file, in the place of a preset')
    .option('--chat-template <file>', 'how conversations are written in the text, as JSON; kept with the run')
    .option('--out <run>', 'run folder (default: a new one in runs/)')
    .option('--resume', 'go on with the run in --out from its last checkpoint')
    .option('--steps <n>', 'optimizer steps in all', wholeNumber(1))
    .option('--epochs <n>', 'passes through the text, instead of steps', number(0))
    .option('--seed <n>', 'seed of everything random', wholeNumber(0))
    .option('--batch-size <n>', 'blocks of a batch', wholeNumber(1))
    .option('--learning-rate <rate>', 'highest learning rate', number(0))
    .option('--evaluate-every <n>', 'steps between evaluations, each of which saves', wholeNumber(1))
    .option('--patience <n>', 'stop after so many evaluations without a lower loss', wholeNumber(1))
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', help)
    .action(run);
}

type Summary = TrainingSummary<Evaluation | Named<number>>;

async function run(flags: TrainFlags): Promise<void> {
  const summary = await trainOrGoOn(flags);
  if (flags.json) return printJson(summary);
  const { validation, best } = summary;
  print(`${summary.run}: step ${summary.step}, ${formatDuration(summary.seconds)}`);
  if (validation !== null) {
    const { loss, perplexity } = { ...validation } as Evaluation;
    print(`validation loss ${loss.toFixed(4)} nats per token, perplexity ${perplexity.toFixed(2)}`);
  }
  if (best !== null) print(`lowest validation loss ${best.loss.toFixed(4)}, at step ${best.step}`);
}

/** With `--resume`, a run that is not there yet is begun, so that one command serves the first time and the next. */
async function trainOrGoOn(flags: TrainFlags): Promise<Summary> {
  const { data, out, resume } = flags;
  if (resume && out === undefined) throw new UsageError('--resume needs --out RUN: which run to go on with.');
  if (resume && out !== undefined && (await holdsRun(out))) return goOn(flags, out);
  if (data === undefined) throw new UsageError('--data PATH is needed: the text to learn from.');
  return begin(flags, data);
}

async function begin(flags: TrainFlags, path: string): Promise<Summary> {
  const { newRunFolder, trainWithProgress } = await import('../training.js');
  const { changeTraining } = await import('../../tasks/language-model/recipe.js');
  const { task, name, recipe: chosen } = await chosenRecipe(flags);
  const recipe = {
    ...chosen,
    ...(await chatBlock(flags)),
    training: changeTraining(chosen['training'] as JsonObject, changes(flags)),
  };
  const folder = flags.out ?? newRunFolder(name);
  note(`Run folder: ${folder}`);
  const data = { path, field: flags.field, validation: flags.validation };
  if (task === languageModel) {
    const { trainLanguageModel } = await import('../../tasks/language-model/train.js');
    return trainWithProgress(folder, flags, (job) => trainLanguageModel(job, recipe, data));
  }
  const { pretrain } = await import('../../tasks/pretrain/train.js');
  return trainWithProgress(folder, flags, (job) => pretrain(job, { ...recipe, task }, data));
}

async function goOn(flags: TrainFlags, folder: string): Promise<Summary> {
  const { trainWithProgress } = await import('../training.js');
  const { resumePretraining } = await import('../../tasks/pretrain/train.js');
  const { isPretrainingRun } = await import('../../tasks/pretrain/saved-rows.js');
  const { resumeLanguageModel } = await import('../../tasks/language-model/train.js');
  const { readRun } = await import('../../checkpoint/index.js');
  const { files } = await import('../../core/files.node.js');
  note(`Going on with ${folder}, its recipe and its text.`);
  const { config } = await readRun(files, folder);
  return isPretrainingRun(config)
    ? trainWithProgress(folder, flags, (job) => resumePretraining(job, changes(flags)))
    : trainWithProgress(folder, flags, (job) => resumeLanguageModel(job, changes(flags)));
}

interface ChosenRecipe {
  readonly task: NonNullable<TrainFlags['task']>;
  /** What to call it. */
  readonly name: string;
  /** Not checked yet. */
  readonly recipe: JsonObject;
}

/** @throws {ConfigError} when there is no such preset, or the configuration is of another task */
async function chosenRecipe({ task, preset, config }: TrainFlags): Promise<ChosenRecipe> {
  if (config === undefined) {
    const named = task ?? taskOfPreset(preset) ?? languageModel;
    if (named !== languageModel)
      return { task: named, ...(pretrainingPreset(named, preset) as Omit<ChosenRecipe, 'task'>) };
    const name = preset ?? defaultPreset;
    return { task: languageModel, name, recipe: presetNamed(name) as JsonObject };
  }
  if (preset !== undefined) throw new UsageError('Give --preset or --config, not both.');
  const { readRecipe } = await import('../recipe-file.js');
  const { name, recipe } = await readRecipe(config);
  const written = pretrainingTasks.find((known) => known === recipe['task']);
  return { task: task ?? written ?? languageModel, name, recipe };
}

/** The block of a recipe that `--chat-template` stands for. */
async function chatBlock({ chatTemplate }: TrainFlags): Promise<JsonObject> {
  if (chatTemplate === undefined) return {};
  const { readObject } = await import('../recipe-file.js');
  return { chat: await readObject(chatTemplate, 'a chat template') };
}

/** The training settings that flags change. */
function changes(flags: TrainFlags): JsonObject {
  const { steps, epochs, seed, batchSize, learningRate, evaluateEvery, patience } = flags;
  if (steps !== undefined && epochs !== undefined)
    throw new UsageError('Give --steps or --epochs, not both.');
  const given = { steps, epochs, seed, batchSize, learningRate, evaluateEvery, patience };
  return JSON.parse(JSON.stringify(given)) as JsonObject;
}
