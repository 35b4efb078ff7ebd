// How well a pre-trained model guesses what is hidden in texts that it never learned from. Knows nothing of training.
import type { Which } from '../../checkpoint/index.js';
import type { Files } from '../../core/files.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { Named } from '../../train/index.js';
import { readRun } from '../../checkpoint/index.js';
import { DataError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { tokenizerFromJSON } from '../../text/index.js';
import { heldLoss, objectiveOf, openRows, pretrainingRecipeOf } from './saved-rows.js';

/**
 * Loss in nats per hidden token and perplexity on the part of its own text that a run never learned from.
 * @param which default: the best checkpoint if there is one, otherwise the last
 * @throws {CheckpointError} when the folder holds no run, no checkpoint, or a damaged one
 * @throws {DataError} when nothing validates it
 */
export async function evaluatePretraining(
  files: Files,
  runtime: Runtime,
  folder: string,
  which?: Which,
): Promise<Named<number>> {
  const run = await readRun(files, folder);
  const recipe = pretrainingRecipeOf(run.config);
  const tokenizer = tokenizerFromJSON(run.tokenizer);
  const objective = objectiveOf(recipe, tokenizer);
  const { validation: rows } = await openRows(files, folder, objective, recipe, tokenizer);
  if (rows.count === 0) {
    throw new DataError(
      `The run "${folder}" kept no text to validate on: its validationFraction is 0. Train one that does.`,
      { fields: { path: folder } },
    );
  }
  const like = objective.model.init(Random.fromSeed(0));
  const { trees } = await run.load(which ?? (await run.bestKnown()), { model: like });
  const validation = heldLoss(runtime, objective, recipe.training, rows);
  try {
    return await validation.measure(trees.model);
  } finally {
    await validation.dispose();
  }
}
