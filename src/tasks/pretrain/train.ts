// Pre-trains a model on plain text, into a run folder: from a recipe, or from where a run stands. Knows nothing of terminals.
import type { JsonObject, RunConfig, TrainingRun } from '../../checkpoint/index.js';
import type { Files } from '../../core/files.js';
import type { TextSource } from '../../data/index.js';
import type { Tokenizer } from '../../text/index.js';
import type { ExampleTrainingEvent, ExampleTrainingOutcome } from '../../train/index.js';
import type { TokenizerRecipe } from '../language-model/recipe.js';
import type { DataChoice, TextJob } from '../language-model/open-texts.js';
import type { Objective } from './objective.js';
import type { PretrainingRecipe, PretrainingTask } from './recipe.js';
import { createRun, isJsonObject, openRun, plainJson } from '../../checkpoint/index.js';
import { closing } from '../closing.js';
import { DataError } from '../../core/errors.js';
import { removeTemporaryFiles } from '../../core/files.js';
import { Random } from '../../core/random.js';
import { TokenRows, writePassages } from '../../data/index.js';
import { tokenizerFromJSON } from '../../text/index.js';
import { exampleSettingsFor, HeldLoss, trainOnExamples } from '../../train/index.js';
import { withTexts } from '../language-model/open-texts.js';
import { openTokens, prepareTokenizer, removeTokens, tokenFile } from '../language-model/prepare-data.js';
import { changeTraining } from '../language-model/recipe.js';
import { gapObjective, writerTokens } from './gap-sentences.js';
import { encoderTokens, maskedObjective } from './masked-language-model.js';
import { parsePretrainingRecipe } from './recipe.js';

export type PretrainingJob = TextJob<ExampleTrainingEvent>;

/** Special tokens that a task needs. */
const neededTokens: Readonly<Record<PretrainingTask, readonly string[]>> = {
  'masked-language-model': encoderTokens,
  'gap-sentences': writerTokens,
};

/** What a recipe learns, with a tokenizer. @throws {ConfigError} when the tokenizer lacks a special token, or sizes do not fit */
export function objectiveOf(recipe: PretrainingRecipe, tokenizer: Tokenizer): Objective {
  return recipe.task === 'gap-sentences'
    ? gapObjective(recipe, tokenizer)
    : maskedObjective(recipe, tokenizer);
}

/**
 * Begins a run: learns the tokenizer, cuts the text into passages, trains.
 * @throws {ConfigError} when the recipe has an unknown key or a wrong value
 * @throws {DataError} when the text is missing, empty, malformed or too short
 * @throws {StorageError} when the folder holds a run already, is in use, or cannot be written
 */
export async function pretrain(
  job: PretrainingJob,
  recipeInput: unknown,
  data: DataChoice,
): Promise<ExampleTrainingOutcome> {
  const recipe = parsePretrainingRecipe(recipeInput);
  const run = await createRun(job.files, job.folder, () => describeRun(job, recipe, data));
  return closing(run, () => trainInto(run, recipe, job));
}

/**
 * Goes on with a run from its last checkpoint, with the recipe and the passages it began with.
 * @param changes training settings that differ from now on, such as more steps; the run remembers them
 * @throws {CheckpointError} when there is no run, or its checkpoint is damaged
 */
export async function resumePretraining(
  job: PretrainingJob,
  changes: JsonObject = {},
): Promise<ExampleTrainingOutcome> {
  const run = await openRun(job.files, job.folder);
  return closing(run, async () => {
    await removeTemporaryFiles(job.files, job.folder);
    const recipe = pretrainingRecipeOf(run.config, changes);
    if (Object.keys(changes).length > 0)
      await run.reconfigure(plainJson({ ...run.config, training: recipe.training }) as RunConfig);
    return trainInto(run, recipe, job);
  });
}

/** Whether a run is of pre-training by this file. */
export function isPretrainingRun(config: RunConfig): boolean {
  return config['pretraining'] !== undefined;
}

/** The recipe that a run was made with, with changes to its training. */
export function pretrainingRecipeOf(config: RunConfig, changes: JsonObject = {}): PretrainingRecipe {
  const { pretraining, training } = config;
  const settings = isJsonObject(training) ? training : {};
  return parsePretrainingRecipe({
    ...(isJsonObject(pretraining) ? pretraining : {}),
    training: changeTraining(settings, changes),
  });
}

/** Makes tokenizer and passages. A failure leaves nothing behind. */
async function describeRun(job: PretrainingJob, recipe: PretrainingRecipe, data: DataChoice) {
  const { files, folder } = job;
  try {
    return await withTexts(job, data, async (texts) => {
      const tokenizer = await prepareTokenizer(files, withNeeded(recipe), texts.train, job);
      const objective = objectiveOf(recipe, tokenizer);
      await files.remove(`${folder}/${tokenFile.validation}`);
      for (const part of ['train', 'validation'] as const) {
        const source = texts[part];
        if (source !== undefined)
          await writeRows(job, `${folder}/${tokenFile[part]}`, source, objective, tokenizer);
      }
      const { training, ...rest } = recipe;
      const config = { model: objective.model.config, pretraining: rest, training, data };
      return {
        config: plainJson(config) as RunConfig,
        tokenizer: JSON.stringify(tokenizer.toJSON()),
      };
    });
  } catch (error) {
    await removeTokens(files, folder);
    throw error;
  }
}

/** The tokenizer of a recipe, with the special tokens that its task needs. */
function withNeeded({ tokenizer, task }: PretrainingRecipe): TokenizerRecipe {
  if (tokenizer.kind === 'file') return tokenizer;
  return { ...tokenizer, specialTokens: [...new Set([...neededTokens[task], ...tokenizer.specialTokens])] };
}

async function writeRows(
  { files, signal, onEvent }: PretrainingJob,
  path: string,
  source: TextSource,
  objective: Objective,
  tokenizer: Tokenizer,
): Promise<void> {
  await writePassages(files, path, source, {
    tokenizer,
    endId: objective.endId,
    maxTokens: objective.maxTokens,
    rowsOf: (passage) => objective.rowsOf(passage),
    signal,
    onProgress: (progress) => onEvent?.({ kind: 'tokenizing', source: source.name, ...progress }),
  });
}

interface SplitRows {
  readonly train: TokenRows;
  readonly validation: TokenRows;
}

async function openRows(
  files: Files,
  folder: string,
  { endId, rowsPerExample }: Objective,
  { validationFraction }: PretrainingRecipe,
  tokenizer: Tokenizer,
): Promise<SplitRows> {
  const tokens = await openTokens(files, folder, tokenizer, 0);
  return closing(tokens, async () => {
    const train = await TokenRows.read(tokens.split.train, endId);
    if (tokens.split.validation.count > 0)
      return { train, validation: await TokenRows.read(tokens.split.validation, endId) };
    const examples = train.count / rowsPerExample;
    const learned = rowsPerExample * (examples - Math.floor(examples * validationFraction));
    if (learned === 0) {
      throw new DataError('All of the text validates and none is left to learn from. Give more text.');
    }
    return { train: train.slice(0, learned), validation: train.slice(learned, train.count) };
  });
}

async function trainInto(
  run: TrainingRun,
  recipe: PretrainingRecipe,
  { files, runtime, signal, onEvent }: PretrainingJob,
): Promise<ExampleTrainingOutcome> {
  const tokenizer = tokenizerFromJSON(run.tokenizer);
  const objective = objectiveOf(recipe, tokenizer);
  const { model } = objective;
  const settings = recipe.training;
  const rows = await openRows(files, run.path, objective, recipe, tokenizer);
  const examples = objective.examples(rows.train);
  const held = objective.examples(rows.validation);
  const common = { runtime, model, examples, settings, run, signal, onEvent };
  if (held.lengths.length === 0) return trainOnExamples(common);
  const validation = new HeldLoss({
    runtime,
    examples: held,
    loss: (parameters, batch) => model.loss(parameters, batch),
    buckets: exampleSettingsFor(settings, held.lengths).buckets,
    random: Random.fromSeed(settings.seed).split('validation'),
  });
  try {
    return await trainOnExamples({ ...common, validation });
  } finally {
    await validation.dispose();
  }
}
