// The files below a folder, and never one outside of it: links are not followed. Knows nothing of what the files hold.
import { constants } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from './errors.js';
import { storageError } from './storage-error.js';

export interface ContainedFile {
  /** From the folder on, with `/`. */
  readonly path: string;
  /** @throws {StorageError} when it cannot be read, is too large, or lies outside of the folder by now */
  read(maxBytes: number): Promise<Uint8Array>;
}

const errnoOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;

/** Opened without following a link, and only where the whole path is what it seems. */
async function readWithin(root: string, path: string, maxBytes: number): Promise<Uint8Array> {
  const whole = join(root, path);
  try {
    const handle = await open(whole, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      if ((await realpath(whole)) !== whole)
        throw storageError(
          'read',
          path,
          undefined,
          'it lies outside of the folder. Put the file itself there.',
        );
      const status = await handle.stat();
      if (!status.isFile()) throw storageError('read', path, undefined, 'it is no regular file.');
      if (status.size > maxBytes)
        throw storageError(
          'read',
          path,
          undefined,
          `it has ${status.size} bytes; at most ${maxBytes} are read. Cut it up.`,
        );
      return new Uint8Array(await handle.readFile());
    } finally {
      await handle.close();
    }
  } catch (error) {
    const isOurs = error instanceof Error && error.name === 'StorageError';
    throw isOurs ? error : storageError('read', path, errnoOf(error), messageOf(error), error);
  }
}

async function* walk(root: string, folder: string): AsyncGenerator<ContainedFile> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, path);
    else if (entry.isFile()) yield { path, read: (maxBytes) => readWithin(root, path, maxBytes) };
  }
}

export interface ContainedFolder {
  /** Where it really is. */
  readonly root: string;
  /** In order of their names; hidden ones and links are passed over. */
  files(): AsyncIterable<ContainedFile>;
}

/** @throws {StorageError} when there is no such folder */
export async function containedFolder(path: string): Promise<ContainedFolder> {
  try {
    const root = await realpath(path);
    await readdir(root);
    return { root, files: () => walk(root, '') };
  } catch (error) {
    throw storageError('read', path, errnoOf(error), messageOf(error), error);
  }
}
