// What a run of pre-training kept: its recipe, its passages, and the loss on those that validate. Knows nothing of training.
import type { JsonObject, RunConfig } from '../../checkpoint/index.js';
import type { Files } from '../../core/files.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { Tokenizer } from '../../text/index.js';
import type { ExampleTrainingChoices } from '../../train/index.js';
import type { Objective } from './objective.js';
import type { PretrainingRecipe } from './recipe.js';
import { isJsonObject } from '../../checkpoint/index.js';
import { DataError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { TokenRows } from '../../data/index.js';
import { exampleSettingsFor, HeldLoss } from '../../train/index.js';
import { closing } from '../closing.js';
import { openTokens } from '../language-model/prepare-data.js';
import { changeTraining } from '../language-model/recipe.js';
import { gapObjective } from './gap-sentences.js';
import { maskedObjective } from './masked-language-model.js';
import { parsePretrainingRecipe } from './recipe.js';

/** Whether a run is of pre-training . */
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

/** What a recipe learns, with a tokenizer. @throws {ConfigError} when the tokenizer lacks a special token, or sizes do not fit */
export function objectiveOf(recipe: PretrainingRecipe, tokenizer: Tokenizer): Objective {
  return recipe.task === 'gap-sentences'
    ? gapObjective(recipe, tokenizer)
    : maskedObjective(recipe, tokenizer);
}

export interface SplitRows {
  readonly train: TokenRows;
  readonly validation: TokenRows;
}

/** The rows of a run: those to learn from, and those that validate. @throws {DataError} when none is left to learn from */
export async function openRows(
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

/** The loss over passages that nothing is learned from. What is hidden in them is drawn by the seed, the same each time. */
export function heldLoss(
  runtime: Runtime,
  { model, examples }: Objective,
  settings: ExampleTrainingChoices,
  rows: TokenRows,
): HeldLoss {
  const held = examples(rows);
  return new HeldLoss({
    runtime,
    examples: held,
    loss: (parameters, batch) => model.loss(parameters, batch),
    buckets: exampleSettingsFor(settings, held.lengths).buckets,
    random: Random.fromSeed(settings.seed).split('validation'),
  });
}
