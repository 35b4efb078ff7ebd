// What changed when, field by field, so that any operation can be undone. Holds no text of any item.
import type { InsertRow, Queryable } from './database.js';
import { insertRows } from './database.js';

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

/** A number that the changes of one call share. */
export async function nextOperation(transaction: Queryable): Promise<number> {
  const rows = await transaction.query<{ operation: number }>(
    `SELECT nextval('operations')::float8 AS operation`,
  );
  return rows[0]?.operation ?? 0;
}
