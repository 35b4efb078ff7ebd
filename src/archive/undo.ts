// The history as users see it, taking items out of recall, and undoing what an operation changed.
import { DataError, NotFoundError } from '../core/errors.js';
import type { Context } from './context.js';
import type { Queryable } from './database.js';
import { checkCount } from './count.js';
import { groupBy } from './group.js';
import type { Change, HistoryAction, HistoryField } from './history.js';
import { nextOperation, recordChanges } from './history.js';
import { idOf, lockScope, placesOfTenant, requireScope } from './scope.js';
import type { ItemId } from './types.js';

export interface HistoryEntry {
  readonly operation: number;
  readonly at: string;
  readonly id: ItemId;
  readonly action: HistoryAction;
  readonly field: HistoryField;
  readonly before: string | null;
  readonly after: string | null;
}

interface Row extends Change {
  readonly operation: number;
  readonly at: Date;
  readonly scope: number;
}

const columns = `h.operation::float8 AS operation, h.at, h.scope, h.ordinal, h.action, h.field, h.before, h.after`;

/** The newest changes first. */
export async function history(
  context: Context,
  options: { readonly user?: string; readonly limit?: number } = {},
): Promise<readonly HistoryEntry[]> {
  const { database, tenant } = context;
  const { scope } = await requireScope(database, tenant, options.user ?? context.defaultUser);
  const rows = await database.query<Row>(
    `SELECT ${columns} FROM history h WHERE h.scope = $1 ORDER BY h.entry DESC LIMIT $2`,
    [scope, checkCount(options.limit ?? 100, 'limit', 1, 1_000_000)],
  );
  return rows.map(({ operation, at, action, field, before, after, ordinal }) => ({
    operation,
    at: at.toISOString(),
    id: idOf({ scope, ordinal }),
    action,
    field,
    before,
    after,
  }));
}

/** Where a field lies and how its text is read. */
const homes: Readonly<Record<HistoryField, readonly [table: string, type: string]>> = {
  state: ['items', 'text'],
  repeats: ['items', 'int4'],
  last_seen_at: ['items', 'timestamptz'],
  superseded_at: ['items', 'timestamptz'],
  expires_at: ['items', 'timestamptz'],
  valid_to: ['facts', 'timestamptz'],
};

/** An item that did not exist before cannot be made not to have been: it is retired. */
const earlier = ({ field, before }: Change): string | null =>
  field === 'state' ? (before ?? 'retired') : before;

async function revert(transaction: Queryable, scope: number, change: Row): Promise<Change> {
  const [table, type] = homes[change.field];
  const value = earlier(change);
  const changed = await transaction.query(
    `UPDATE ${table} SET ${change.field} = $3::${type}
     WHERE scope = $1 AND ordinal = $2 AND ${change.field} IS NOT DISTINCT FROM $4::${type} RETURNING ordinal`,
    [scope, change.ordinal, value, change.after],
  );
  if (changed.length === 0)
    throw new DataError(
      `Operation ${change.operation} cannot be undone: the ${change.field} of item ${idOf(change)} was changed again since. Undo the later operation first.`,
      { fields: { operation: change.operation, item: idOf(change) } },
    );
  const { ordinal, field, after } = change;
  return { ordinal, action: 'undo', field, before: after, after: value };
}

/**
 * Sets everything an operation changed back to what it was before. The undoing is an operation itself, so it can be undone.
 *
 * @returns the number of the new operation
 * @throws {DataError} when there is no such operation in the tenant, or something it changed was changed again since
 */
export async function undo(context: Context, operation: number): Promise<number> {
  checkCount(operation, 'operation', 1, Number.MAX_SAFE_INTEGER);
  const owners = await context.database.query<{ user: string }>(
    `SELECT DISTINCT s.user_name AS "user" FROM history h JOIN scopes s USING (scope)
     WHERE s.tenant = $1 AND h.operation = $2::int8`,
    [context.tenant, operation],
  );
  const [owner] = owners;
  if (owner === undefined)
    throw new NotFoundError(`There is no operation ${operation}. Take its number from the history.`, {
      fields: { operation },
    });
  return context.database.transaction(async (transaction) => {
    const { scope } = await lockScope(transaction, context.tenant, owner.user);
    const rows = await transaction.query<Row>(
      `SELECT ${columns} FROM history h WHERE h.scope = $1 AND h.operation = $2::int8 ORDER BY h.entry DESC`,
      [scope, operation],
    );
    const changes: Change[] = [];
    for (const row of rows) changes.push(await revert(transaction, scope, row));
    const number = await nextOperation(transaction);
    await recordChanges(transaction, scope, number, context.now(), changes);
    return number;
  });
}

/**
 * Takes items out of recall without erasing them: `undo` brings them back.
 *
 * @returns the number of the operation in each user's history
 * @throws {DataError} when an item does not exist or belongs to another tenant
 */
export async function retire(context: Context, ids: readonly ItemId[]): Promise<readonly number[]> {
  const places = await placesOfTenant(context.database, context.tenant, ids);
  const operations: number[] = [];
  for (const [scope, group] of groupBy(places, (place) => place.scope)) {
    const number = await context.database.transaction(async (transaction) => {
      // As every writer does before it touches an item: others wait, or see that something changed.
      await transaction.query('UPDATE scopes SET revision = revision + 1 WHERE scope = $1', [scope]);
      const operation = await nextOperation(transaction);
      const rows = await transaction.query<{ ordinal: number }>(
        `UPDATE items SET state = 'retired' WHERE scope = $1 AND ordinal = ANY ($2::int4[]) AND state = 'active' RETURNING ordinal`,
        [scope, group.map(({ ordinal }) => ordinal)],
      );
      const changes = rows.map(({ ordinal }): Change => ({
        ordinal,
        action: 'retire',
        field: 'state',
        before: 'active',
        after: 'retired',
      }));
      await recordChanges(transaction, scope, operation, context.now(), changes);
      return operation;
    });
    operations.push(number);
  }
  return operations;
}
