// The session of a verb: goes on from a file of what a model remembers, if there is one.
import type { Runtime } from '../engine/runtime/runtime.js';
import type { SavedLanguageModel } from '../tasks/language-model/load.js';
import type { TextSession } from '../tasks/language-model/text-session.js';
import { files } from '../core/files.node.js';
import { openSession } from '../tasks/language-model/text-session.js';

/**
 * Runs `work` with a session that ends with it.
 * @param path of the state; without one, or where there is no file yet, nothing was read before
 * @throws {CheckpointError} when the file is of another model
 */
export async function withTextSession<T>(
  runtime: Runtime,
  saved: SavedLanguageModel,
  path: string | undefined,
  work: (session: TextSession) => Promise<T>,
): Promise<T> {
  const session = await openSession(runtime, saved);
  try {
    if (path !== undefined && (await files.info(path)) !== undefined) await session.loadState(files, path);
    return await work(session);
  } finally {
    await session.dispose();
  }
}
