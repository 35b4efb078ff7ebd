// What one-line functions that write have in common: a run that is read for one call, one text or many. Knows no particular task.
import type { Which } from '../../checkpoint/index.js';
import type { SavedTask } from '../tune/load.js';
import type { Surroundings } from '../surroundings.js';
import type { WriteOptions } from './text-writer.js';
import { withSurroundings } from '../surroundings.js';
import { loadTask } from '../tune/load.js';

export interface WriteWithRunOptions extends WriteOptions, Partial<Surroundings> {
  /** Default: the best checkpoint if there is one, otherwise the last. */
  readonly checkpoint?: Which | undefined;
}

/** Something that writes a text for each text. */
interface Writer {
  write(texts: readonly string[], options: WriteOptions): Promise<readonly { readonly text: string }[]>;
  dispose(): Promise<void>;
}

export interface RunOfTask {
  /** The folder of a run of the task. */
  readonly run: string;
  readonly task: string;
  readonly open: (saved: SavedTask, surroundings: Surroundings) => Promise<Writer>;
}

/** A text for a text, or texts for texts. @throws {CheckpointError} when there is no such run, with the command that makes one */
export async function writeWithRun(
  { run, task, open }: RunOfTask,
  given: string | readonly string[],
  { checkpoint: which, files, runtime, ...options }: WriteWithRunOptions,
): Promise<string | readonly string[]> {
  return withSurroundings({ ...(files && { files }), ...(runtime && { runtime }) }, async (surroundings) => {
    const writer = await open(await loadTask(surroundings.files, run, { wanted: task, which }), surroundings);
    try {
      const written = await writer.write(typeof given === 'string' ? [given] : given, options);
      const texts = written.map(({ text }) => text);
      return typeof given === 'string' ? (texts[0] ?? '') : texts;
    } finally {
      await writer.dispose();
    }
  });
}
