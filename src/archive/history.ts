// What changed when, field by field, so that any operation can be undone. Holds no text of any item.
import type { InsertRow, Queryable } from './database.js';
import { insertRows } from './database.js';
import type { OpenScope } from './insert-items.js';

export type HistoryAction = 'remember' | 'repeat' | 'supersede' | 'revive' | 'retire' | 'undo';
export type HistoryField = 'state' | 'repeats' | 'last_seen_at' | 'superseded_at' | 'valid_to' | 'expires_at';

/** One field of one item that changed. Values are text as PostgreSQL writes them; `null` stands for nothing. */
export interface Change {
  readonly ordinal: number;
  readonly action: HistoryAction;
  readonly field: HistoryField;
  readonly before: string | null;
  readonly after: string | null;
}

export async function recordChanges(
  transaction: Queryable,
  scope: number,
  operation: number,
  at: Date,
  changes: readonly Change[],
): Promise<void> {
  const rows: InsertRow[] = changes.map((change) => ({ operation, scope, at: at.toISOString(), ...change }));
  await insertRows(transaction, 'history', rows);
}

/** An UPDATE that tells what it changed. `$1` is the scope in all of it. */
export interface RecordedUpdate {
  /** Tables of a WITH clause, the UPDATE among them. */
  readonly update: string;
  /** Selects ordinal, field, and the text of the values before and after. */
  readonly changes: string;
  /** The scope first. */
  readonly parameters: readonly unknown[];
}

/** Changes items and records what was changed, in one statement: nobody needs its answer. */
export async function recordUpdate(
  { transaction, operation, at }: Pick<OpenScope, 'transaction' | 'operation' | 'at'>,
  action: HistoryAction,
  { update, changes, parameters }: RecordedUpdate,
): Promise<void> {
  const next = parameters.length + 1;
  await transaction.query(
    `WITH ${update}
     INSERT INTO history (operation, scope, at, ordinal, action, field, before, after)
     SELECT $${next}::int8, $1::int4, $${next + 1}::timestamptz, ordinal, $${next + 2}::text, field, before, after
     FROM (${changes}) AS change (ordinal, field, before, after) ORDER BY ordinal, field`,
    [...parameters, operation, at.toISOString(), action],
  );
}

/** A number that the changes of one call share. */
export async function nextOperation(transaction: Queryable): Promise<number> {
  const rows = await transaction.query<{ operation: number }>(
    `SELECT nextval('operations')::float8 AS operation`,
  );
  return rows[0]?.operation ?? 0;
}
