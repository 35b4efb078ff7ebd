// The rows of a task: read from a table by the roles of its columns, split, and kept in the run's folder. Knows no particular task.
import type { Files } from '../../core/files.js';
import type { ClassShare, RecordSource, Row, RowReport } from '../../data/index.js';
import type { Task } from './task.js';
import { ConfigError, DataError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { classBalance, openRecords, readRows, stratifiedSplit, withProblems } from '../../data/index.js';
import { acceptedRows } from './refused-rows.js';

/** Which rows to learn from, and which columns hold what. */
export interface TaskDataChoice {
  /** A table: CSV, TSV, JSONL or Parquet. Or records by whatever else gives them. */
  readonly data: string | RecordSource;
  /** Rows that validate, instead of a part of the others. */
  readonly validation?: string | RecordSource | undefined;
  /** Columns by role, where they are not called as the task expects. */
  readonly columns?: Readonly<Record<string, string>> | undefined;
  /** Columns that are put in front of the text, the furthest first. */
  readonly context?: readonly string[] | undefined;
  /** Detected when it is not named. */
  readonly encoding?: string | undefined;
  /** Whether the first row of a CSV or TSV file names the columns, which is the default; without names they are called `1`, `2`, ... */
  readonly header?: boolean | undefined;
  /** Passes over rows that cannot be read or that the task refuses, and counts them. */
  readonly skipBad?: boolean | undefined;
  readonly duplicates?: 'keep' | 'drop' | undefined;
  /** Part of the rows that is used at all, as if the others were not there; of every label alike. Default: all. */
  readonly dataFraction?: number | undefined;
  /** Part of the rows that validates when there are no others; 0.1 by default. 0: nothing validates. */
  readonly validationFraction?: number | undefined;
}

/** How a run reads tables: what evaluation and prediction have to know too. */
export interface ColumnChoice {
  readonly columns: Readonly<Record<string, string>>;
  readonly context: readonly string[];
}

/** What was read, for people. */
export interface DataReport {
  readonly train: RowReport;
  readonly validation: RowReport | null;
  readonly trainRows: number;
  readonly validationRows: number;
  /** Of all rows that are used, those that validate among them where there are no others; empty where the task has no labels. */
  readonly balance: readonly ClassShare[];
}

export interface TaskRows {
  readonly train: readonly Row[];
  readonly validation: readonly Row[];
}

/** The columns of all roles. @throws {ConfigError} for a role that the task does not have */
export function columnsOf(
  task: Task,
  { columns = {}, context = [] }: Pick<TaskDataChoice, 'columns' | 'context'>,
): ColumnChoice {
  const roles = Object.keys(task.roles);
  for (const role of Object.keys(columns)) {
    if (roles.includes(role)) continue;
    throw new ConfigError(`The task ${task.name} has no role "${role}".${didYouMean(role, roles)}`, {
      fields: { role, roles },
    });
  }
  if (context.length > 0 && task.contextRole === undefined) {
    throw new ConfigError(`The task ${task.name} takes no context. Leave --context out.`, {
      fields: { context },
    });
  }
  const chosen = roles.map((role) => [role, columns[role] ?? task.roles[role]?.column ?? role]);
  return { columns: Object.fromEntries(chosen) as Record<string, string>, context };
}

/** Columns of the context become roles of these names, in order; all optional. */
export function contextRole(index: number): string {
  return `context.${index}`;
}

type ReadingOptions = Pick<TaskDataChoice, 'encoding' | 'header' | 'skipBad' | 'duplicates'>;

interface ReadRows {
  readonly rows: readonly Row[];
  readonly report: RowReport;
}

/** Reads all rows of a table; with `skipBad`, all that the task does not refuse. @throws {DataError} as `readRows` */
export async function readTaskRows(
  files: Files,
  task: Task,
  choice: ColumnChoice,
  data: string | RecordSource,
  options: ReadingOptions = {},
): Promise<ReadRows> {
  const { encoding, header, skipBad } = options;
  const source = typeof data === 'string' ? await openRecords(files, data, { encoding, header }) : data;
  const read = await readColumns(task, choice, source, options);
  if (!skipBad) return read;
  const { rows, problems } = acceptedRows(read.rows, (row) => task.check?.(row));
  return { rows, report: withProblems({ ...read.report, rows: rows.length }, problems) };
}

/** The rows of a table, of these columns only. @throws {DataError} as `readRows` */
export function readColumns(
  task: Task,
  { columns, context }: ColumnChoice,
  source: RecordSource,
  { skipBad, duplicates }: ReadingOptions,
): Promise<ReadRows> {
  const ofContext = context.map((column, i) => [contextRole(i), column] as const);
  const optional = Object.keys(task.roles).filter((role) => task.roles[role]?.optional);
  return readRows(source, {
    columns: { ...columns, ...Object.fromEntries(ofContext) },
    optional: [...optional, ...ofContext.map(([role]) => role)],
    skipBad,
    duplicates,
  });
}

/** Reads the rows to learn from, and those that validate or a part of the others, drawn by the seed and by label. */
export async function readTaskData(
  files: Files,
  task: Task,
  choice: ColumnChoice,
  data: TaskDataChoice,
  seed: number,
): Promise<{ readonly rows: TaskRows; readonly report: DataReport }> {
  const { rows: all, report: train } = await readTaskRows(files, task, choice, data.data, data);
  const other =
    data.validation === undefined
      ? undefined
      : await readTaskRows(files, task, choice, data.validation, data);
  const { labelRole } = task;
  const labelOf = ({ values }: Row): string => (labelRole === undefined ? '' : (values[labelRole] ?? ''));
  const used = partOf(all, all.map(labelOf), data.dataFraction ?? 1, seed);
  const labels = used.map(labelOf);
  const rows =
    other === undefined
      ? split(used, labels, data.validationFraction ?? 0.1, seed)
      : { train: used, validation: other.rows };
  const report: DataReport = {
    train,
    validation: other?.report ?? null,
    trainRows: rows.train.length,
    validationRows: rows.validation.length,
    balance: labelRole === undefined ? [] : classBalance(labels),
  };
  return { rows, report };
}

/** @throws {ConfigError} when the fraction is not in (0, 1] */
function partOf(
  rows: readonly Row[],
  labels: readonly string[],
  fraction: number,
  seed: number,
): readonly Row[] {
  if (fraction === 1) return rows;
  if (fraction > 0 && fraction < 1) return split(rows, labels, fraction, seed).validation;
  throw new ConfigError(`The part of the data to use is ${fraction}. Give a number above 0, and at most 1.`);
}

function split(rows: readonly Row[], labels: readonly string[], fraction: number, seed: number): TaskRows {
  const { train, held } = stratifiedSplit(labels, fraction, seed);
  const taken = (places: readonly number[]): Row[] => places.flatMap((place) => rows[place] ?? []);
  return { train: taken(train), validation: taken(held) };
}

const rowFiles = { train: 'train.rows.jsonl', validation: 'validation.rows.jsonl' } as const;

/** Keeps the rows in the run's folder, so that a run that is resumed learns from the same ones whatever became of its table. */
export async function saveTaskRows(files: Files, folder: string, rows: TaskRows): Promise<void> {
  for (const part of ['train', 'validation'] as const) {
    const lines = rows[part].map(({ values, line }) => `${JSON.stringify({ line, values })}\n`);
    await files.writeAtomic(`${folder}/${rowFiles[part]}`, lines.join(''));
  }
}

/** @throws {DataError} when they are missing or damaged */
export async function loadTaskRows(files: Files, folder: string): Promise<TaskRows> {
  return {
    train: await loadRows(files, `${folder}/${rowFiles.train}`),
    validation: await loadRows(files, `${folder}/${rowFiles.validation}`),
  };
}

async function loadRows(files: Files, path: string): Promise<readonly Row[]> {
  const text = await files.readText(path);
  try {
    return text.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as Row)));
  } catch (cause) {
    throw new DataError(`"${path}" is damaged: it is not JSON line by line. Restore it, or train anew.`, {
      cause,
      fields: { path },
    });
  }
}
