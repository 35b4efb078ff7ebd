// Writes to what one user has told: in one go where nobody else writes meanwhile, otherwise under a lock. Knows nothing of what
// is written.
import { StorageError } from '../core/errors.js';
import type { Context } from './context.js';
import type { Queryable } from './database.js';
import { nextOperation } from './history.js';
import type { OpenScope } from './insert-items.js';
import { findScope, lockScope } from './scope.js';
import { Script } from './script.js';
import { fewVectors } from './vector-index.js';

/** Two steps that do not know which way they go. */
export interface Writing<Seen, Result> {
  readonly user: string;
  /** Items that may be written. */
  readonly items: number;
  /** Lets others use the database first, where there is one connection for all. */
  readonly later?: boolean;
  /** Reads what the writing depends on. What does not depend on an answer is asked at once, to travel together. */
  readonly look: (database: Queryable, scope: number) => Promise<Seen>;
  /** Decides and writes. It never looks at an answer: in one go there is none. */
  readonly write: (open: OpenScope, seen: Seen) => Promise<Result>;
}

/** SQLSTATE of a division by zero, by which a script says that somebody else has written since. */
const overtaken = '22012';

/** Locks the scope and fails unless its row is the one that was seen: every writer changes it, and with it its `xmin`. */
const guard = `SELECT 1 / (count(*) FILTER (WHERE s.xmin::text = $2))::int4
  FROM (SELECT xmin FROM scopes WHERE scope = $1 FOR UPDATE) AS s`;

interface Ground {
  readonly scope: number;
  readonly nextOrdinal: number;
  readonly version: string;
  readonly operation: number;
}

/** What every writing begins from; nothing for a user of whom nothing is held, whose index is begun under the lock. */
async function readGround(database: Queryable, tenant: string, user: string): Promise<Ground | undefined> {
  const [ground] = await database.query<Ground>(
    `SELECT scope, next_ordinal AS "nextOrdinal", xmin::text AS version, nextval('operations')::float8 AS operation
     FROM scopes WHERE tenant = $1 AND user_name = $2 AND item_count > 0`,
    [tenant, user],
  );
  return ground;
}

/** The number of the user's scope as it was when last asked for. It changes only for users who were forgotten and came back. */
async function presumedScope(
  { database, tenant, scopeNumbers }: Context,
  user: string,
): Promise<number | undefined> {
  const known = scopeNumbers.get(user);
  if (known !== undefined) return known;
  const found = await findScope(database, tenant, user);
  if (found !== undefined) scopeNumbers.set(user, found.scope);
  return found?.scope;
}

/**
 * Reads everything in one exchange and writes everything in another, so that no other waits while this program thinks.
 *
 * @returns `undefined` where somebody else wrote meanwhile, or there is nothing yet; then nothing is written
 */
async function writeAtOnce<Seen, Result extends object>(
  context: Context,
  { user, look, write, later = false }: Writing<Seen, Result>,
): Promise<Result | undefined> {
  const { database, tenant, scopeNumbers } = context;
  const presumed = await presumedScope(context, user);
  if (presumed === undefined) return undefined;
  // The row of the scope is read first: whatever is written after that makes the guard fail.
  const [ground, seen] = await database.inOrder((reader) =>
    Promise.all([readGround(reader, tenant, user), look(reader, presumed)]),
  );
  if (ground?.scope !== presumed) {
    scopeNumbers.delete(user);
    return undefined;
  }
  const { scope, version, operation, nextOrdinal } = ground;
  const script = new Script();
  await script.query(guard, [scope, version]);
  const result = await write({ transaction: script, scope, operation, at: context.now(), nextOrdinal }, seen);
  try {
    if (script.statements.length > 1) await database.atOnce(script.statements, { later });
    return result;
  } catch (error) {
    if (error instanceof StorageError && error.fields['sqlState'] === overtaken) return undefined;
    throw error;
  }
}

function writeStepByStep<Seen, Result>(
  context: Context,
  { user, look, write, later = false }: Writing<Seen, Result>,
): Promise<Result> {
  return context.database.transaction(
    async (transaction) => {
      const [{ scope, nextOrdinal }, operation] = await Promise.all([
        lockScope(transaction, context.tenant, user),
        nextOperation(transaction),
      ]);
      const seen = await look(transaction, scope);
      return write({ transaction, scope, operation, at: context.now(), nextOrdinal }, seen);
    },
    { later },
  );
}

/** Writes in one transaction, all or nothing: a few items in one go, of which a script can hold the vectors too. */
export async function writeToScope<Seen, Result extends object>(
  context: Context,
  writing: Writing<Seen, Result>,
): Promise<Result> {
  const written = writing.items <= fewVectors ? await writeAtOnce(context, writing) : undefined;
  return written ?? writeStepByStep(context, writing);
}
