// Reads a trained task from its run folder. Knows no particular task.
import type { SavedRun, TrainingState, Which } from '../../checkpoint/index.js';
import type { Files } from '../../core/files.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { DescribedTask } from './task-run.js';
import type { OpenTask } from './task.js';
import { readRun } from '../../checkpoint/index.js';
import { Random } from '../../core/random.js';
import { describedTask, openTaskOf } from './task-run.js';

/** A task with what it has learned. */
export interface SavedTask extends DescribedTask {
  readonly run: SavedRun;
  readonly which: Which;
  readonly opened: OpenTask;
  readonly parameters: Tree<TensorData>;
  readonly state: TrainingState;
}

/**
 * @param wanted the task that is needed; default: any
 * @param which default: the best checkpoint if there is one, otherwise the last
 * @throws {CheckpointError} when the folder holds no run, one without that task's head, no checkpoint, or a damaged one
 */
export async function loadTask(
  files: Files,
  folder: string,
  { wanted, which }: { readonly wanted?: string; readonly which?: Which | undefined } = {},
): Promise<SavedTask> {
  const run = await readRun(files, folder);
  const described = describedTask(run, wanted);
  const opened = openTaskOf(run);
  const chosen = which ?? (await run.bestKnown());
  const { trees, state } = await run.load(chosen, { model: opened.model.init(Random.fromSeed(0)) });
  return { ...described, run, which: chosen, opened, parameters: trees.model, state };
}
