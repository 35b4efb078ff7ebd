// Trains a language model on a text, into a run folder: from a recipe, or from where a run stands. Knows nothing of terminals.
import type { JsonObject, RunConfig, TrainingRun } from '../../checkpoint/index.js';
import type { Files } from '../../core/files.js';
import type { Tokenizer } from '../../text/index.js';
import type { TrainingChoices, TrainingEvent, TrainingOutcome } from '../../train/index.js';
import type { DataChoice, TextJob } from './open-texts.js';
import type { Recipe } from './recipe.js';
import { createRun, isJsonObject, openRun, plainJson } from '../../checkpoint/index.js';
import { removeTemporaryFiles } from '../../core/files.js';
import { requireBlocks } from '../../data/index.js';
import { LanguageModel } from '../../models/language-model.js';
import { tokenizerFromJSON } from '../../text/index.js';
import { requireCarriable, train } from '../../train/index.js';
import { closing } from '../closing.js';
import { trainable } from './load.js';
import { withTexts } from './open-texts.js';
import { openTokens, predictedBytes, prepareTokenizer, removeTokens, tokenizeTexts } from './prepare-data.js';
import { changeTraining, modelOf, parseRecipe } from './recipe.js';

export type LanguageModelJob = TextJob<TrainingEvent>;

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
    if (Object.keys(changes).length > 0)
      await run.reconfigure(plainJson({ ...run.config, training }) as RunConfig);
    return trainInto(run, training, job);
  });
}

/** The recipe that a run was made with, with changes to its training. */
export function recipeOf({ tokenizer, model, training }: RunConfig, changes: JsonObject = {}): Recipe {
  const { vocabularySize: _, ...choices } = isJsonObject(model) ? model : {};
  const settings = isJsonObject(training) ? training : {};
  return parseRecipe({ tokenizer, model: choices, training: changeTraining(settings, changes) });
}

/** Makes tokenizer and token files. A failure leaves nothing behind. */
async function describeRun(job: LanguageModelJob, recipe: Recipe, data: DataChoice) {
  const { files, folder } = job;
  try {
    return await withTexts(job, data, async (texts) => {
      const tokenizer = await prepareTokenizer(files, recipe.tokenizer, texts.train, job);
      await tokenizeTexts(files, folder, texts, tokenizer, job);
      await requireFittingTokens(files, folder, tokenizer, recipe);
      return { config: configOf(recipe, tokenizer, data), tokenizer: JSON.stringify(tokenizer.toJSON()) };
    });
  } catch (error) {
    await removeTokens(files, folder);
    throw error;
  }
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
  const { tokenizer: trained, training, chat } = recipe;
  return plainJson({ model, tokenizer: trained, training, data, ...(chat && { chat }) }) as RunConfig;
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
