// A trained run that is opened for one call: what one-line functions have in common. Knows no particular task.
import type { Which } from '../../checkpoint/index.js';
import type { Surroundings } from '../surroundings.js';
import type { SavedTask } from './load.js';
import { withSurroundings } from '../surroundings.js';
import { loadTask } from './load.js';

export interface UseRunOptions {
  readonly files?: Surroundings['files'] | undefined;
  readonly runtime?: Surroundings['runtime'] | undefined;
  /** Default: the best checkpoint if there is one, otherwise the last. */
  readonly checkpoint?: Which | undefined;
}

/** The run to use, and what it is opened as. */
export interface RunOfTask<Opened> {
  /** The folder of a run of the task. */
  readonly run: string;
  readonly task: string;
  readonly open: (saved: SavedTask, surroundings: Surroundings) => Promise<Opened>;
}

/**
 * Opens a run, does `work` with it and releases it.
 * @throws {CheckpointError} when there is no such run, with the command that makes one
 */
export async function useRun<Opened extends { dispose(): Promise<void> }, Result>(
  { run, task, open }: RunOfTask<Opened>,
  { checkpoint: which, files, runtime }: UseRunOptions,
  work: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  return withSurroundings({ ...(files && { files }), ...(runtime && { runtime }) }, async (surroundings) => {
    const opened = await open(await loadTask(surroundings.files, run, { wanted: task, which }), surroundings);
    try {
      return await work(opened);
    } finally {
      await opened.dispose();
    }
  });
}
