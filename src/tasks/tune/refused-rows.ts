// Rows that a task refuses, passed over like those that could not be read. Knows no particular task.
import type { Row } from '../../data/index.js';
import { DataError } from '../../core/errors.js';

/** Rows of which some were refused. */
export interface CheckedRows {
  readonly rows: readonly Row[];
  /** Why each of the others was refused, in order. */
  readonly problems: readonly DataError[];
}

/**
 * The rows that a task accepts.
 * @param check throws a DataError for a row that it refuses
 * @throws {DataError} the first of them when no row is left
 */
export function acceptedRows(rows: readonly Row[], check: (row: Row) => void): CheckedRows {
  const problems: DataError[] = [];
  const accepted = rows.filter((row) => {
    try {
      check(row);
      return true;
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      problems.push(error);
      return false;
    }
  });
  if (accepted.length === 0 && problems[0] !== undefined) throw problems[0];
  return { rows: accepted, problems };
}
