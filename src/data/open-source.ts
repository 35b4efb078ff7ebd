// Finds out what kind of data a path holds. Knows every kind of source, and nothing of what is done with the text.
import { DataError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { folder, textExtensions } from './folder.js';
import { isTable, openRecords } from './open-records.js';
import type { TextSource } from './source.js';
import { textField } from './text-field.js';
import { textFile } from './text-file.js';

export interface OpenSourceOptions {
  /** The field of a JSONL record, or the column of a table, that holds the text; `text` by default. */
  readonly field?: string;
  /** Of a file, such as `gb18030`; detected when it is not named. */
  readonly encoding?: string;
  /** Which files of a folder are read; `.txt` and `.md` by default. */
  readonly extensions?: readonly string[];
}

/**
 * A folder of texts, a table (by its name: `.jsonl`, `.ndjson`, `.csv`, `.tsv`, `.tab`, `.parquet`), or a text file. All but
 * Parquet may be in `.gz`.
 *
 * @throws {DataError} when nothing is there; an empty or malformed file is found while it is read
 */
export async function openSource(
  files: Files,
  path: string,
  options: OpenSourceOptions = {},
): Promise<TextSource> {
  const info = await files.info(path);
  if (info === undefined) {
    throw new DataError(`There is no data at "${path}". Check the path.`, { fields: { path } });
  }
  if (info.kind === 'folder') return folder(files, path, options.extensions ?? textExtensions);
  const { encoding, field = 'text' } = options;
  if (isTable(path)) return textField(await openRecords(files, path, { encoding }), field);
  return textFile(files, path, encoding);
}
