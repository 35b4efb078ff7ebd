// Rows for a trained task to work on: a table, read by the columns that the run was trained with. Knows no particular task.
import type { Files } from '../../core/files.js';
import type { DataRecord, RecordSource, Row, RowReport } from '../../data/index.js';
import type { SavedTask } from './load.js';
import type { TaskDataChoice } from './task-data.js';
import { ConfigError, DataError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { openRecords } from '../../data/index.js';
import { columnsOf, readColumns } from './task-data.js';

export interface InputRowsChoice extends Pick<TaskDataChoice, 'columns' | 'encoding' | 'header' | 'skipBad'> {
  readonly data: string;
  /** Roles that are read; the others are what the task finds out. */
  readonly roles: readonly string[];
  /** Columns of the context, as many as the run was trained with. Default: those. */
  readonly context?: readonly string[] | undefined;
}

/**
 * The rows of a table in these roles, with their context; a context may be empty, but its columns are there.
 * @throws {ConfigError} for a role that the task does not have, and for more or fewer columns of context than in training
 * @throws {DataError} as `readRows`, and when no row has one of the columns of the context
 */
export async function readInputRows(
  files: Files,
  { task, columns: trained }: Pick<SavedTask, 'task' | 'columns'>,
  { data, roles, columns, context = trained.context, ...options }: InputRowsChoice,
): Promise<{ readonly rows: readonly Row[]; readonly report: RowReport }> {
  const all = columnsOf(task, { columns: { ...trained.columns, ...columns }, context });
  requireAsMany(context, trained.context);
  const own = Object.entries(all.columns).filter(([role]) => roles.includes(role));
  const found = new Set<string>();
  const source = watched(await openRecords(files, data, options), ({ values }) => {
    for (const column of Object.keys(values)) found.add(column);
  });
  const read = await readColumns(task, { columns: Object.fromEntries(own), context }, source, options);
  for (const column of context) if (!found.has(column)) throw missing(column, data, [...found]);
  return read;
}

/** @throws {ConfigError} */
function requireAsMany(context: readonly string[], trained: readonly string[]): void {
  if (context.length === trained.length) return;
  const expected =
    trained.length === 0
      ? 'without context. Leave --context out.'
      : `with context from ${listed(trained)}. Name a column for each, in this order: --context COLUMN,...`;
  throw new ConfigError(`--context names ${listed(context)}, and the run was trained ${expected}`, {
    fields: { context, trained },
  });
}

function missing(column: string, path: string, found: readonly string[]): DataError {
  return new DataError(
    `The run was trained with context, and "${path}" has no column "${column}" for it.${didYouMean(column, found)} Name the columns of the context, the furthest first: --context COLUMN,...; fields may be empty.`,
    { fields: { path, column, found } },
  );
}

/** Names for people: `"title", "date"`. */
function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/** The same records, each of which is shown as it passes. */
function watched(source: RecordSource, look: (record: DataRecord) => void): RecordSource {
  const { name, unit } = source;
  return {
    name,
    unit,
    totalBytes: () => source.totalBytes(),
    async *records(options) {
      for await (const record of source.records(options)) {
        look(record);
        yield record;
      }
    },
  };
}
