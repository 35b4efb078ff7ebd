// Pre-trains a model on plain text, into a run folder: from a recipe, or from where a run stands. Knows nothing of terminals.
import type { JsonObject, RunConfig, TrainingRun } from '../../checkpoint/index.js';
import type { TextSource } from '../../data/index.js';
import type { Tokenizer } from '../../text/index.js';
import type { ExampleTrainingEvent, ExampleTrainingOutcome } from '../../train/index.js';
import type { TokenizerRecipe } from '../language-model/recipe.js';
import type { DataChoice, TextJob } from '../language-model/open-texts.js';
import type { Objective } from './objective.js';
import type { PretrainingRecipe, PretrainingTask } from './recipe.js';
import { createRun, openRun, plainJson } from '../../checkpoint/index.js';
import { removeTemporaryFiles } from '../../core/files.js';
import { writePassages } from '../../data/index.js';
import { tokenizerFromJSON } from '../../text/index.js';
import { trainOnExamples } from '../../train/index.js';
import { closing } from '../closing.js';
import { withTexts } from '../language-model/open-texts.js';
import { prepareTokenizer, removeTokens, tokenFile } from '../language-model/prepare-data.js';
import { writerTokens } from './gap-sentences.js';
import { encoderTokens } from './masked-language-model.js';
import { normalized, normalizedSource } from './normalized.js';
import { parsePretrainingRecipe } from './recipe.js';
import { heldLoss, objectiveOf, openRows, pretrainingRecipeOf } from './saved-rows.js';

export type PretrainingJob = TextJob<ExampleTrainingEvent>;

/** Special tokens that a task needs. */
const neededTokens: Readonly<Record<PretrainingTask, readonly string[]>> = {
  'masked-language-model': encoderTokens,
  'gap-sentences': writerTokens,
};

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

/** Makes tokenizer and passages. A failure leaves nothing behind. */
async function describeRun(job: PretrainingJob, recipe: PretrainingRecipe, data: DataChoice) {
  const { files, folder } = job;
  try {
    return await withTexts(job, data, async (texts) => {
      const learned = normalizedSource(recipe, texts.train);
      const tokenizer = await prepareTokenizer(files, withNeeded(recipe), learned, job);
      const objective = objectiveOf(recipe, tokenizer);
      await files.remove(`${folder}/${tokenFile.validation}`);
      for (const part of ['train', 'validation'] as const) {
        const source = texts[part];
        if (source !== undefined)
          await writeRows(job, {
            path: `${folder}/${tokenFile[part]}`,
            source,
            objective,
            tokenizer,
            recipe,
          });
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

/** What of a text becomes rows, and where they go. */
interface RowsToWrite {
  readonly path: string;
  readonly source: TextSource;
  readonly objective: Objective;
  readonly tokenizer: Tokenizer;
  readonly recipe: PretrainingRecipe;
}

async function writeRows(
  { files, signal, onEvent }: PretrainingJob,
  { path, source, objective, tokenizer, recipe }: RowsToWrite,
): Promise<void> {
  await writePassages(files, path, source, {
    tokenizer,
    normalize: (text) => normalized(recipe, text),
    endId: objective.endId,
    maxTokens: objective.maxTokens,
    rowsOf: (passage) => objective.rowsOf(passage),
    signal,
    onProgress: (progress) => onEvent?.({ kind: 'tokenizing', source: source.name, ...progress }),
  });
}

async function trainInto(
  run: TrainingRun,
  recipe: PretrainingRecipe,
  { files, runtime, signal, onEvent }: PretrainingJob,
): Promise<ExampleTrainingOutcome> {
  const tokenizer = tokenizerFromJSON(run.tokenizer);
  const objective = objectiveOf(recipe, tokenizer);
  const rows = await openRows(files, run.path, objective, recipe, tokenizer);
  const examples = objective.examples(rows.train);
  const { model } = objective;
  const common = { runtime, model, examples, settings: recipe.training, run, signal, onEvent };
  if (rows.validation.count === 0) return trainOnExamples(common);
  const validation = heldLoss(runtime, objective, recipe.training, rows.validation);
  try {
    return await trainOnExamples({ ...common, validation });
  } finally {
    await validation.dispose();
  }
}
