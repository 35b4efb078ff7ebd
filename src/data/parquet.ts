// Parquet files: tables by columns. Knows nothing of what the columns mean.
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { DataError, messageOf } from '../core/errors.js';
import type { Files, RandomAccessFile } from '../core/files.js';
import type { DataRecord, RecordSource } from './source.js';

/** Rows that are turned into objects at a time. */
const batchRows = 4096;

/**
 * The rows of a Parquet file, numbered from 1. Whole numbers of 64 bits become numbers where they fit exactly, otherwise BigInt.
 * Memory holds one row group, as the file was written.
 */
export function parquet(files: Files, path: string): RecordSource {
  return {
    name: path,
    unit: 'row',
    totalBytes: async () => (await files.info(path))?.bytes,
    async *records() {
      const file = await files.open(path);
      try {
        yield* readRows(file, path);
      } finally {
        await file.close();
      }
    },
  };
}

async function* readRows(file: RandomAccessFile, path: string): AsyncGenerator<DataRecord> {
  const buffer = asyncBuffer(file);
  const metadata = await guarded(path, () => parquetMetadataAsync(buffer));
  if (metadata.row_groups.every(({ num_rows }) => num_rows === 0n)) {
    throw new DataError(`"${path}" has no rows. Give a table with at least one.`, { fields: { path } });
  }
  let line = 0;
  for (const [rowStart, rowEnd] of batches(metadata)) {
    const options = { file: buffer, metadata, compressors, rowStart, rowEnd };
    const rows = await guarded(path, () => parquetReadObjects(options));
    const bytesRead = Math.round((file.bytes * rowEnd) / Number(metadata.num_rows));
    for (const row of rows) yield { values: plainValues(row), line: ++line, bytesRead };
  }
}

/** Rows from and to, never across a row group. */
function* batches({ row_groups }: FileMetaData): Generator<readonly [number, number]> {
  let start = 0;
  for (const { num_rows } of row_groups) {
    const end = start + Number(num_rows);
    for (; start < end; start = Math.min(start + batchRows, end))
      yield [start, Math.min(start + batchRows, end)];
  }
}

function asyncBuffer(file: RandomAccessFile): AsyncBuffer {
  return {
    byteLength: file.bytes,
    async slice(start, end = file.bytes) {
      const bytes = new Uint8Array(end - start);
      await file.read(bytes, start);
      return bytes.buffer;
    },
  };
}

function plainValues(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(row).map(([name, value]): [string, unknown] => [
    name,
    typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value,
  ]);
  return Object.fromEntries(entries);
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new DataError(`"${path}" cannot be read as Parquet: ${messageOf(cause)}. Is the file whole?`, {
      cause,
      fields: { path },
    });
  }
}
