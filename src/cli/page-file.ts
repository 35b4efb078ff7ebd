// The file that a page is to be written to, looked at before long work begins. Knows no page.
import { dirname } from 'node:path';
import type { Files } from '../core/files.js';
import { UsageError } from '../core/errors.js';

/** @throws {UsageError} when there is no folder for the file, which would otherwise be noticed when all is done */
export async function requireFolderOf(files: Files, path: string): Promise<void> {
  const folder = dirname(path);
  if ((await files.info(folder))?.kind === 'folder') return;
  throw new UsageError(
    `There is no folder "${folder}" for "${path}". Create it first, or choose another file.`,
    {
      fields: { path },
    },
  );
}
