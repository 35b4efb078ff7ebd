// `mneme train`: trains a language model on a text, into a run folder.
import { Command } from 'commander';
import type { JsonObject } from '../../checkpoint/index.js';
import type { TrainingSummary } from '../training.js';
import { UsageError } from '../../core/errors.js';
import { presetNamed, presetSummary } from '../../tasks/language-model/presets.js';
import { number, wholeNumber } from '../options.js';
import { holdsRun } from '../run-folder.js';
import { formatDuration, note, print, printJson } from '../output.js';

interface TrainFlags {
  readonly data?: string;
  readonly field?: string;
  readonly validation?: string;
  readonly preset?: string;
  readonly config?: string;
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

const help = `
A recipe is a preset, or a JSON file whose blocks may have a memory each, by name or with options:
  {"model": {"width": 128, "maxLength": 128, "position": "none",
             "memory": ["sliding-window", "delta-net", {"kind": "lstm", "forgetBias": 0}]},
   "training": {"epochs": 2, "batchSize": 16, "order": "sequential", "carryState": true, "learningRate": 2e-3}}
With carryState what the model remembers is carried from batch to batch (truncated backpropagation through time).
`;

export function command(): Command {
  return new Command('train')
    .description('Train a language model on a text, into a run folder.')
    .option('--data <path>', 'text file, folder of texts, .jsonl file, or - for standard input')
    .option('--field <name>', 'field of JSONL records that holds the text (default: text)')
    .option('--validation <path>', 'text that validates, instead of the last part of the data')
    .option('--preset <name>', `recipe: ${presetSummary} (default: ${defaultPreset})`)
    .option('--config <file>', 'recipe as a JSON file, in the place of a preset')
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

async function run(flags: TrainFlags): Promise<void> {
  const summary = await trainOrGoOn(flags);
  if (flags.json) return printJson(summary);
  const { validation, best } = summary;
  print(`${summary.run}: step ${summary.step}, ${formatDuration(summary.seconds)}`);
  if (validation !== null) {
    const { loss, perplexity } = validation;
    print(`validation loss ${loss.toFixed(4)} nats per token, perplexity ${perplexity.toFixed(2)}`);
  }
  if (best !== null) print(`lowest validation loss ${best.loss.toFixed(4)}, at step ${best.step}`);
}

/** With `--resume`, a run that is not there yet is begun, so that one command serves the first time and the next. */
async function trainOrGoOn(flags: TrainFlags): Promise<TrainingSummary> {
  const { data, out, resume } = flags;
  if (resume && out === undefined) throw new UsageError('--resume needs --out RUN: which run to go on with.');
  if (resume && out !== undefined && (await holdsRun(out))) return goOn(flags, out);
  if (data === undefined) throw new UsageError('--data PATH is needed: the text to learn from.');
  return begin(flags, data);
}

async function begin(flags: TrainFlags, path: string): Promise<TrainingSummary> {
  const { newRunFolder, trainWithProgress } = await import('../training.js');
  const { changeTraining } = await import('../../tasks/language-model/recipe.js');
  const { trainLanguageModel } = await import('../../tasks/language-model/train.js');
  const { name, recipe } = await chosenRecipe(flags);
  const training = changeTraining(recipe['training'] as JsonObject, changes(flags));
  const folder = flags.out ?? newRunFolder(name);
  note(`Run folder: ${folder}`);
  const data = { path, field: flags.field, validation: flags.validation };
  return trainWithProgress(folder, flags, (job) => trainLanguageModel(job, { ...recipe, training }, data));
}

async function goOn(flags: TrainFlags, folder: string): Promise<TrainingSummary> {
  const { trainWithProgress } = await import('../training.js');
  const { resumeLanguageModel } = await import('../../tasks/language-model/train.js');
  note(`Going on with ${folder}, its recipe and its text.`);
  return trainWithProgress(folder, flags, (job) => resumeLanguageModel(job, changes(flags)));
}

/** A recipe that was not checked yet, and what to call it. */
async function chosenRecipe(flags: TrainFlags): Promise<{ name: string; recipe: JsonObject }> {
  const { preset = defaultPreset, config } = flags;
  if (config === undefined) return { name: preset, recipe: presetNamed(preset) as JsonObject };
  if (flags.preset !== undefined) throw new UsageError('Give --preset or --config, not both.');
  const { readRecipe } = await import('../recipe-file.js');
  return readRecipe(config);
}

/** The training settings that flags change. */
function changes(flags: TrainFlags): JsonObject {
  const { steps, epochs, seed, batchSize, learningRate, evaluateEvery, patience } = flags;
  if (steps !== undefined && epochs !== undefined)
    throw new UsageError('Give --steps or --epochs, not both.');
  const given = { steps, epochs, seed, batchSize, learningRate, evaluateEvery, patience };
  return JSON.parse(JSON.stringify(given)) as JsonObject;
}
