// Writes to what one user has told: in one go where nobody else writes meanwhile, otherwise under a lock. Knows nothing of what
// is written.
import { BoundedMap } from '../core/bounded-map.js';
import { StorageError } from '../core/errors.js';
import type { Context } from './context.js';
import type { Queryable, Statement } from './database.js';
import { nextOperation } from './history.js';
import type { OpenScope } from './insert-items.js';
import type { RecentState } from './recent-words.js';
import { recentStateColumns } from './recent-words.js';
import { findScope, lockScope } from './scope.js';
import { Script, untrue } from './script.js';
import { nextTurns } from './turns.js';
import { fewVectors } from './vector-index.js';

/** Two steps that do not know which way they go. */
export interface Writing<Seen, Result> {
  readonly user: string;
  /** Items that may be written. */
  readonly items: number;
  /** Whose turns are written, or may be. */
  readonly sessions: readonly string[];
  /** Lets others use the database first, where there is one connection for all. */
  readonly later?: boolean;
  /** What `look` most likely sees; `undefined` where that cannot be said. */
  readonly likely: Likely<Seen> | undefined;
  /** Reads what the writing depends on. What does not depend on an answer is asked at once, to travel together. */
  readonly look: (database: Queryable, scope: number) => Promise<Seen>;
  /**
   * Decides and writes. It never looks at an answer: in one go there is none.
   *
   * @param turns the number of the next turn of each session; it counts on those that it writes
   */
  readonly write: (open: OpenScope, seen: Seen, turns: Map<string, number>) => Promise<Result>;
}

export interface Likely<Seen> {
  readonly seen: Seen;
  /** Statements that fail where it is not so (`failsIf` in script.ts). What is written fails where an item has the same content. */
  readonly guards: (scope: number) => readonly Statement[];
}

/** What is known of a scope that this program wrote to. It need not be so any more. */
export interface WrittenScope {
  readonly scope: number;
  /** Of the row of the scope: every writer changes it, and with it its `xmin`. */
  readonly version: string;
  /** The numbers of the next turns of the sessions that were written to last, at that version. */
  readonly turns: BoundedMap<number>;
  /** What the next writing begins from, unless one has begun. */
  readonly ground?: Ground;
}

/** What every writing begins from. */
interface Ground extends RecentState {
  readonly scope: number;
  readonly nextOrdinal: number;
  readonly version: string;
  readonly operation: number;
}

/** Sessions of one user whose next turn is remembered. */
const keptSessions = 100;

/** SQLSTATE of a key that is there already. */
const knownKey = '23505';

/**
 * Locks the scope and fails unless its row is the one that was seen. Tells what the next writing begins from, if this one writes
 * items.
 */
const guard = `SELECT 1 / (count(*) FILTER (WHERE s.xmin::text = $2))::int4,
    pg_current_xact_id()::xid::text AS version, nextval('operations')::float8 AS operation
  FROM (SELECT xmin FROM scopes WHERE scope = $1 FOR UPDATE) AS s`;

/** Nothing for a user of whom nothing is held, whose index is begun under the lock. */
async function readGround(database: Queryable, tenant: string, user: string): Promise<Ground | undefined> {
  const [ground] = await database.query<Ground>(
    `SELECT scope, next_ordinal AS "nextOrdinal", ${recentStateColumns}, xmin::text AS version, nextval('operations')::float8 AS operation
     FROM scopes WHERE tenant = $1 AND user_name = $2 AND item_count > 0`,
    [tenant, user],
  );
  return ground;
}

/** The number of the user's scope as it was when last asked for. It changes only for users who were forgotten and came back. */
async function presumedScope(
  { database, tenant, written }: Context,
  user: string,
): Promise<number | undefined> {
  return written.get(user)?.scope ?? (await findScope(database, tenant, user))?.scope;
}

/** What a script is written from. */
interface Basis<Seen> {
  readonly ground: Ground;
  readonly seen: Seen;
  readonly turns: Map<string, number>;
  /** Make sure of what was not looked at. */
  readonly guards?: readonly Statement[];
}

/** @returns `undefined` where not all is as it was seen, or guessed; then nothing is written */
async function writeScript<Seen, Result extends object>(
  { database, written, now }: Context,
  { user, write, later = false }: Writing<Seen, Result>,
  { ground, seen, turns, guards }: Basis<Seen>,
): Promise<Result | undefined> {
  const { scope, operation, nextOrdinal, version } = ground;
  const before = written.get(user);
  const known =
    before?.version === version
      ? before
      : { scope, version, turns: new BoundedMap<number>({ entries: keptSessions }) };
  const script = new Script();
  await script.query(guard, [scope, version]);
  for (const { sql, parameters } of guards ?? []) await script.query(sql, parameters);
  const guarded = script.statements.length;
  const open: OpenScope = {
    transaction: script,
    scope,
    operation,
    at: now(),
    nextOrdinal,
    recent: ground,
  };
  const result = await write(open, seen, turns);
  // A guess is made sure of by what is written.
  if (script.statements.length === guarded) return guards === undefined ? result : undefined;
  // What one writing begins from is no longer so for another.
  written.set(user, { scope, version, turns: known.turns });
  try {
    const [told] = await database.atOnce(script.statements, { later });
    const next = told?.[0] as Pick<Ground, 'version' | 'operation'> | undefined;
    // The row of the scope is written where items are.
    if (next === undefined || open.nextOrdinal === nextOrdinal) return result;
    for (const [session, turn] of turns) known.turns.set(session, turn);
    written.set(user, {
      scope,
      version: next.version,
      turns: known.turns,
      ground: {
        ...open.recent,
        scope,
        nextOrdinal: open.nextOrdinal,
        version: next.version,
        operation: next.operation,
      },
    });
    return result;
  } catch (error) {
    const state = error instanceof StorageError && error.fields['sqlState'];
    if (state === untrue || state === knownKey) return undefined;
    throw error;
  }
}

/**
 * Writes in one exchange, where this program wrote last and what it would look at can be guessed.
 *
 * @returns `undefined` where that is not so; then nothing is written
 */
async function writeUnseen<Seen, Result extends object>(
  context: Context,
  writing: Writing<Seen, Result>,
): Promise<Result | undefined> {
  const { user, sessions, likely } = writing;
  const known = context.written.get(user);
  if (likely === undefined || known?.ground === undefined) return undefined;
  const turns = new Map<string, number>();
  for (const session of sessions) {
    const turn = known.turns.get(session);
    if (turn === undefined) return undefined;
    turns.set(session, turn);
  }
  const { ground, scope } = known;
  return writeScript(context, writing, { ground, seen: likely.seen, turns, guards: likely.guards(scope) });
}

/**
 * Reads everything in one exchange and writes everything in another, so that no other waits while this program thinks.
 *
 * @returns `undefined` where somebody else wrote meanwhile, or there is nothing yet; then nothing is written
 */
async function writeSeen<Seen, Result extends object>(
  context: Context,
  writing: Writing<Seen, Result>,
): Promise<Result | undefined> {
  const { user, sessions, look } = writing;
  const { database, tenant, written } = context;
  const presumed = await presumedScope(context, user);
  if (presumed === undefined) return undefined;
  // The row of the scope is read first: whatever is written after that makes the guard fail.
  const [ground, turns, seen] = await database.inOrder((reader) =>
    Promise.all([
      readGround(reader, tenant, user),
      nextTurns(reader, presumed, sessions),
      look(reader, presumed),
    ]),
  );
  if (ground?.scope === presumed) return writeScript(context, writing, { ground, seen, turns });
  written.delete(user);
  return undefined;
}

function writeStepByStep<Seen, Result>(
  context: Context,
  { user, sessions, look, write, later = false }: Writing<Seen, Result>,
): Promise<Result> {
  return context.database.transaction(
    async (transaction) => {
      const [locked, operation] = await Promise.all([
        lockScope(transaction, context.tenant, user),
        nextOperation(transaction),
      ]);
      const { scope, nextOrdinal } = locked;
      const [turns, seen] = await Promise.all([
        nextTurns(transaction, scope, sessions),
        look(transaction, scope),
      ]);
      const open = { transaction, scope, operation, at: context.now(), nextOrdinal, recent: locked };
      return write(open, seen, turns);
    },
    { later },
  );
}

/** Writes in one transaction, all or nothing: a few items in one go, of which a script can hold the vectors too. */
export async function writeToScope<Seen, Result extends object>(
  context: Context,
  writing: Writing<Seen, Result>,
): Promise<Result> {
  if (writing.items > fewVectors) return writeStepByStep(context, writing);
  return (
    (await writeUnseen(context, writing)) ??
    (await writeSeen(context, writing)) ??
    (await writeStepByStep(context, writing))
  );
}
