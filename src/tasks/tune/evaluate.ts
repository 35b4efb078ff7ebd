// Evaluates a trained task on the rows of a table, or on those that validated it. Knows no particular task.
import type { JsonObject } from '../../checkpoint/index.js';
import type { Files } from '../../core/files.js';
import type { RecordSource, RowReport } from '../../data/index.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { SavedTask } from './load.js';
import type { TaskDataChoice } from './task-data.js';
import { ConfigError } from '../../core/errors.js';
import { withProblems } from '../../data/index.js';
import { acceptedRows } from './refused-rows.js';
import { columnsOf, loadTaskRows, readTaskRows } from './task-data.js';

export interface TaskEvaluationOptions extends Pick<
  TaskDataChoice,
  'columns' | 'encoding' | 'header' | 'skipBad'
> {
  /** A table; default: the rows that validated the run. */
  readonly data?: string | RecordSource | undefined;
  readonly onRows?: ((report: RowReport) => void) | undefined;
}

/** @throws {DataError} when the table is missing, empty or malformed, lacks a column, or has a label that was never seen in training */
export async function evaluateTask(
  files: Files,
  runtime: Runtime,
  { task, run, columns, opened, parameters }: SavedTask,
  { data, onRows, ...options }: TaskEvaluationOptions = {},
): Promise<JsonObject> {
  if (data === undefined) {
    const { validation } = await loadTaskRows(files, run.path);
    if (validation.length > 0) return opened.evaluate(validation, parameters, runtime);
    throw new ConfigError(`The run "${run.path}" kept no rows to validate on. Name a table with --data.`);
  }
  const own = { ...columns.columns, ...options.columns };
  const choice = columnsOf(task, { columns: own, context: columns.context });
  const read = await readTaskRows(files, task, choice, data, options);
  const { rows, problems } = options.skipBad
    ? acceptedRows(read.rows, (row) => opened.check?.(row))
    : { rows: read.rows, problems: [] };
  onRows?.(withProblems({ ...read.report, rows: rows.length }, problems));
  return opened.evaluate(rows, parameters, runtime);
}
