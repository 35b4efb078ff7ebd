// Finds out what kind of table a path holds. Knows every kind, and nothing of what the columns mean.
import { DataError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { plainName } from './bytes.js';
import { conll } from './conll.js';
import type { DelimitedOptions } from './delimited.js';
import { delimited } from './delimited.js';
import { jsonl } from './jsonl.js';
import { parquet } from './parquet.js';
import type { RecordSource } from './source.js';

const endings = {
  jsonl: /\.(?:jsonl|ndjson)$/i,
  delimited: /\.(?:csv|tsv|tab)$/i,
  parquet: /\.parquet$/i,
  conll: /\.(?:conll|bio|iob2?)$/i,
} as const;

/** Whether the name of a file says that it holds a table. */
export function isTable(path: string): boolean {
  return Object.values(endings).some((ending) => ending.test(plainName(path)));
}

/**
 * The records of a JSONL (`.jsonl`, `.ndjson`), CSV or TSV (`.csv`, `.tsv`, `.tab`), CoNLL (`.conll`, `.bio`, `.iob`) or Parquet file (`.parquet`), by its name. All but Parquet may be
 * in `.gz`.
 *
 * @throws {DataError} when nothing is there, or the name says nothing; what is wrong inside is found while it is read
 *
 * @example
 * const records = await openRecords(files, 'reviews.csv', { encoding: 'gb18030' });
 */
export async function openRecords(
  files: Files,
  path: string,
  options: DelimitedOptions = {},
): Promise<RecordSource> {
  const info = await files.info(path);
  if (info === undefined) {
    throw new DataError(`There is no data at "${path}". Check the path.`, { fields: { path } });
  }
  const name = plainName(path);
  if (endings.jsonl.test(name)) return jsonl(files, path, options.encoding);
  if (endings.delimited.test(name)) return delimited(files, path, options);
  if (endings.conll.test(name)) return conll(files, path, options.encoding);
  if (endings.parquet.test(path)) return parquet(files, path);
  throw new DataError(
    `"${path}" is no table that can be read. Give a file named .csv, .tsv, .jsonl, .conll (also in .gz) or .parquet.`,
    { fields: { path } },
  );
}
