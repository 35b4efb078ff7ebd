// Replaces several files of a folder in one step: after a crash at any moment all are old or all are new. Knows nothing of their contents.
//
// The new files are written into a hidden folder. Once they are whole, one small file there lists them: that is the
// moment of change. Then each is renamed to its place. Whoever opens the folder later finishes the renames where the list
// exists, and drops the hidden folder where it does not.
import { z } from 'zod';
import { CheckpointError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { parseJson } from './json.js';

const staging = '.mneme-next';
const list = 'complete.json';
const attempts = 5;
/** Names below the folder; never a way out of it, for the folder may come from someone else. */
const listSchema = z.array(z.string().regex(/^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*$/));

/** Writes one file at the path it is given. */
export type WriteFile = (path: string) => Promise<void>;

/**
 * Writes `contents` (by name below `folder`, which exists) so that they replace the files of these names together.
 * One writer at a time: the caller holds the folder's lock.
 *
 * @throws {StorageError} when something cannot be written; the old files are then still there, whole and together,
 *   unless the new ones already were
 */
export async function replaceTogether(
  files: Files,
  folder: string,
  contents: Readonly<Record<string, WriteFile>>,
): Promise<void> {
  await finishReplacing(files, folder);
  const names = Object.keys(contents);
  try {
    for (const parent of [folder, `${folder}/${staging}`]) await makeParents(files, parent, names);
    for (const [name, write] of Object.entries(contents)) await write(`${folder}/${staging}/${name}`);
    await files.writeAtomic(`${folder}/${staging}/${list}`, JSON.stringify(names));
  } catch (error) {
    // What is left behind is dropped by the next `finishReplacing`, so that failing to remove it here loses nothing.
    await finishReplacing(files, folder).catch(() => undefined);
    throw error;
  }
  await finishReplacing(files, folder);
}

async function makeParents(files: Files, folder: string, names: readonly string[]): Promise<void> {
  const parents = names.map((name) => `${folder}/${name}`.replace(/\/[^/]*$/, ''));
  for (const parent of new Set(parents)) await files.makeFolder(parent);
}

/** Brings a folder to rest after a crash: a replacement that was whole is finished, one that was not is dropped. */
export async function finishReplacing(files: Files, folder: string): Promise<void> {
  for (const name of await stagedNames(files, folder)) {
    const staged = `${folder}/${staging}/${name}`;
    if (await files.info(staged)) await files.rename(staged, `${folder}/${name}`);
  }
  await files.remove(`${folder}/${staging}`);
}

/**
 * Where the valid content of `name` lies right now: for readers that do not hold the folder's lock and must not change it.
 * The file need not exist.
 */
export async function locate(files: Files, folder: string, name: string): Promise<string> {
  const staged = `${folder}/${staging}/${name}`;
  const isStaged =
    (await stagedNames(files, folder)).includes(name) && (await files.info(staged)) !== undefined;
  return isStaged ? staged : `${folder}/${name}`;
}

/**
 * Reads several files that a writer may replace meanwhile: tries again when they were gone or did not belong together,
 * and gives up with the last error when they still do not.
 */
export async function readTogether<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (attempt === attempts) throw error;
    }
  }
}

/** Names of a replacement that is whole; none where there is no replacement or it is not. */
async function stagedNames(files: Files, folder: string): Promise<readonly string[]> {
  const path = `${folder}/${staging}/${list}`;
  if ((await files.info(path)) === undefined) return [];
  const names = listSchema.safeParse(parseJson(await files.readText(path), path));
  if (names.success) return names.data;
  throw new CheckpointError(
    `"${path}" is not a list of file names. Remove the folder "${folder}/${staging}".`,
    {
      fields: { path },
      cause: names.error,
    },
  );
}
