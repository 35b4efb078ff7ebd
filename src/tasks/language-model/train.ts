// Trains a language model on a text, into a run folder: from a recipe, or from where a run stands. Knows nothing of terminals.
import type { JsonObject, RunConfig, TrainingRun } from '../../checkpoint/index.js';
import type { Files } from '../../core/files.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { Tokenizer } from '../../text/index.js';
import type { TrainingChoices, TrainingEvent, TrainingOutcome } from '../../train/index.js';
import type { PreparationEvent, Texts } from './prepare-data.js';
import type { Recipe } from './recipe.js';
import { createRun, isJsonObject, openRun } from '../../checkpoint/index.js';
import { DataError } from '../../core/errors.js';
import { removeTemporaryFiles } from '../../core/files.js';
import { openSource, requireBlocks, spool } from '../../data/index.js';
import { LanguageModel } from '../../models/language-model.js';
import { tokenizerFromJSON } from '../../text/index.js';
import { requireCarriable, train } from '../../train/index.js';
import { closing } from '../closing.js';
import { trainable } from './load.js';
import { openTokens, predictedBytes, prepareTokenizer, removeTokens, tokenizeTexts } from './prepare-data.js';
import { changeTraining, modelOf, parseRecipe } from './recipe.js';

/** Which text to learn from. */
export interface DataChoice {
  /** A file, a folder, a `.jsonl` file, or `-` for standard input. */
  readonly path: string;
  /** The field of JSONL records that holds the text. */
  readonly field?: string | undefined;
  /** A text that validates, instead of the last part of the other. */
  readonly validation?: string | undefined;
}

export interface LanguageModelJob {
  readonly files: Files;
  readonly runtime: Runtime;
  /** The run's folder. */
  readonly folder: string;
  /** What `-` stands for. */
  readonly standardInput?: AsyncIterable<Uint8Array> | undefined;
  /** Ends training after the current step, with a checkpoint; before training begins, at once and without a run. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: TrainingEvent | PreparationEvent) => void) | undefined;
}

/**
 * Begins a run: learns the tokenizer, tokenizes the text, trains.
 * @throws {ConfigError} when the recipe has an unknown key or a wrong value
 * @throws {DataError} when the text is missing, empty, malformed or too short
 * @throws {StorageError} when the folder holds a run already, is in use, or cannot be written
 */
export async function trainLanguageModel(
  job: LanguageModelJob,
  recipeInput: unknown,
  data: DataChoice,
): Promise<TrainingOutcome> {
  const recipe = parseRecipe(recipeInput);
  const run = await createRun(job.files, job.folder, () => describeRun(job, recipe, data));
  return closing(run, () => trainInto(run, recipe.training, job));
}

/**
 * Goes on with a run from its last checkpoint, with the recipe and the tokens it began with.
 * @param changes training settings that differ from now on, such as more steps; the run remembers them
 * @throws {CheckpointError} when there is no run, or its checkpoint is damaged
 */
export async function resumeLanguageModel(
  job: LanguageModelJob,
  changes: JsonObject = {},
): Promise<TrainingOutcome> {
  const run = await openRun(job.files, job.folder);
  return closing(run, async () => {
    await removeTemporaryFiles(job.files, job.folder);
    const { training } = recipeOf(run.config, changes);
    if (Object.keys(changes).length > 0) await run.reconfigure(plain({ ...run.config, training }));
    return trainInto(run, training, job);
  });
}

/** The recipe that a run was made with, with changes to its training. */
export function recipeOf({ tokenizer, model, training }: RunConfig, changes: JsonObject = {}): Recipe {
  const { vocabularySize: _, ...choices } = isJsonObject(model) ? model : {};
  const settings = isJsonObject(training) ? training : {};
  return parseRecipe({ tokenizer, model: choices, training: changeTraining(settings, changes) });
}

/** A configuration as JSON holds it: without keys that are undefined. */
function plain(config: unknown): RunConfig {
  return JSON.parse(JSON.stringify(config)) as RunConfig;
}

/** Makes tokenizer and token files. A failure leaves nothing behind. */
async function describeRun(job: LanguageModelJob, recipe: Recipe, data: DataChoice) {
  const { files, folder } = job;
  const spooled = `${folder}/standard-input.txt`;
  try {
    await removeTemporaryFiles(files, folder);
    const texts = await openTexts(job, data, spooled);
    const tokenizer = await prepareTokenizer(files, recipe.tokenizer, texts.train, job);
    await tokenizeTexts(files, folder, texts, tokenizer, job);
    await requireFittingTokens(files, folder, tokenizer, recipe);
    return { config: configOf(recipe, tokenizer, data), tokenizer: JSON.stringify(tokenizer.toJSON()) };
  } catch (error) {
    await removeTokens(files, folder);
    throw error;
  } finally {
    await files.remove(spooled);
  }
}

/** Standard input is read twice, for the tokenizer and for the tokens, so it is kept in a file meanwhile. */
async function openTexts(job: LanguageModelJob, data: DataChoice, spooled: string): Promise<Texts> {
  const { files, standardInput } = job;
  const options = data.field === undefined ? {} : { field: data.field };
  const validation =
    data.validation === undefined ? undefined : await openSource(files, data.validation, options);
  if (data.path !== '-') return { train: await openSource(files, data.path, options), validation };
  if (standardInput === undefined) throw new DataError('There is no standard input to read.');
  const train = await spool(files, spooled, standardInput);
  return { train: { ...train, name: 'standard input' }, validation };
}

/** Says before a run exists that its text is too short, or longer than what the model can carry through it. */
async function requireFittingTokens(
  files: Files,
  folder: string,
  tokenizer: Tokenizer,
  { model, training }: Recipe,
): Promise<void> {
  const { validationFraction, blockLength, batchSize, accumulation, order } = training;
  const tokens = await openTokens(files, folder, tokenizer, validationFraction);
  await closing(tokens, async () => {
    const { count } = tokens.split.train;
    requireBlocks(order, { count, blockLength, rows: batchSize * accumulation });
    requireCarriable(trainable(modelOf(model, tokenizer.vocabularySize)), training, tokens.split);
  });
}

function configOf(recipe: Recipe, tokenizer: Tokenizer, data: DataChoice): RunConfig {
  const { config: model } = modelOf(recipe.model, tokenizer.vocabularySize);
  return plain({ model, tokenizer: recipe.tokenizer, training: recipe.training, data });
}

async function trainInto(
  run: TrainingRun,
  settings: TrainingChoices,
  { files, runtime, signal, onEvent }: LanguageModelJob,
): Promise<TrainingOutcome> {
  const tokenizer = tokenizerFromJSON(run.tokenizer);
  const model = trainable(new LanguageModel(run.config.model));
  const tokens = await openTokens(files, run.path, tokenizer, settings.validationFraction);
  return closing(tokens, () =>
    train({
      runtime,
      model,
      settings,
      run,
      tokens: tokens.split,
      textBytes: (range) => predictedBytes(range, tokenizer),
      signal,
      onEvent,
    }),
  );
}
