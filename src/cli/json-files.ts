// Values from JSON files: one file, or every one in a folder, gzipped or not. Knows nothing of what they mean.
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { DataError, messageOf } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { textOfFile } from '../core/storage-error.js';

const isJson = (name: string): boolean => /\.json(\.gz)?$/.test(name);

/**
 * @returns one value for each file, in the order of their names
 * @throws {DataError} naming the file that is not JSON, or when a folder has none
 */
export async function readJsonFiles(path: string): Promise<readonly unknown[]> {
  const { files } = await import('../core/files.node.js');
  if ((await files.info(path))?.kind !== 'folder') return [await readJson(files, path)];
  const names = (await files.list(path)).filter(isJson);
  if (names.length === 0)
    throw new DataError(`There is no .json or .json.gz file in "${path}".`, { fields: { path } });
  return Promise.all(names.map((name) => readJson(files, `${path}/${name}`)));
}

async function readJson(files: Files, path: string): Promise<unknown> {
  const bytes = await files.readBytes(path);
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    return JSON.parse(textOfFile(isPacked ? await promisify(gunzip)(bytes) : bytes, path));
  } catch (cause) {
    throw new DataError(`"${path}" is not JSON: ${messageOf(cause)}`, { fields: { path }, cause });
  }
}
