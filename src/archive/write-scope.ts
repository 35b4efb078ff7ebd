// Writes to what one user has told: in one go where nobody else writes meanwhile, otherwise under a lock. Knows nothing of what
// is written.
import { BoundedMap } from '../core/bounded-map.js';
import { StorageError } from '../core/errors.js';
import type { Context } from './context.js';
import type { Queryable } from './database.js';
import { nextOperation } from './history.js';
import type { OpenScope } from './insert-items.js';
import { findScope, lockScope } from './scope.js';
import { Script } from './script.js';
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
  /** What `look` most likely sees. Absent where that cannot be said. */
  readonly likely?: Likely<Seen>;
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
  /** It is so unless the index has one of these terms, or an item has the content of one that is written. */
  readonly unlessIndexed: readonly string[];
}

/** What is remembered of a scope that was written to. It need not be so any more. */
export interface WrittenScope {
  readonly scope: number;
  /** The numbers of the next turns of the sessions that were written to last. */
  readonly turns: BoundedMap<number>;
  /** What the next writing begins from, unless one has begun. */
  readonly ground?: Ground;
}

/** What every writing begins from. */
interface Ground {
  readonly scope: number;
  readonly nextOrdinal: number;
  /** Of the row of the scope: every writer changes it, and with it its `xmin`. */
  readonly version: string;
  readonly operation: number;
}

/** Sessions of one user whose next turn is remembered. */
const keptSessions = 100;

/** SQLSTATEs by which a script says that not all is as it was seen: a division by zero, a key that is there already. */
const overtaken: ReadonlySet<unknown> = new Set(['22012', '23505']);

/**
 * Locks the scope and fails unless its row is the one that was seen, and unless the index has none of some terms and sessions go
 * on at some numbers. Tells what the next writing begins from, if this one writes items.
 */
const guard = `SELECT 1 / (count(*) FILTER (WHERE s.xmin::text = $2
    AND NOT EXISTS (
      SELECT FROM (SELECT $3::int8[] AS terms OFFSET 0) AS absent CROSS JOIN LATERAL unnest(absent.terms) AS wanted (term)
      CROSS JOIN LATERAL (SELECT FROM postings p WHERE p.scope = $1 AND p.term = wanted.term LIMIT 1) AS found)
    AND NOT EXISTS (
      SELECT FROM (SELECT $4::text[] AS sessions, $5::int4[] AS turns OFFSET 0) AS begun
      CROSS JOIN LATERAL unnest(begun.sessions, begun.turns) AS expected (session, turn)
      WHERE expected.turn <> coalesce(
        (SELECT max(i.turn) + 1 FROM items i WHERE i.scope = $1 AND i.session = expected.session), 0))))::int4,
    pg_current_xact_id()::xid::text AS version, nextval('operations')::float8 AS operation
  FROM (SELECT xmin FROM scopes WHERE scope = $1 FOR UPDATE) AS s`;

/** Nothing for a user of whom nothing is held, whose index is begun under the lock. */
async function readGround(database: Queryable, tenant: string, user: string): Promise<Ground | undefined> {
  const [ground] = await database.query<Ground>(
    `SELECT scope, next_ordinal AS "nextOrdinal", xmin::text AS version, nextval('operations')::float8 AS operation
     FROM scopes WHERE tenant = $1 AND user_name = $2 AND item_count > 0`,
    [tenant, user],
  );
  return ground;
}

/** The user's scope as it was when last asked for. Its number changes only for users who were forgotten and came back. */
async function presumedScope(
  { database, tenant, written }: Context,
  user: string,
): Promise<WrittenScope | undefined> {
  const known = written.get(user);
  if (known !== undefined) return known;
  const found = await findScope(database, tenant, user);
  return found && { scope: found.scope, turns: new BoundedMap({ entries: keptSessions }) };
}

/** What a script is written from. */
interface Basis<Seen> {
  readonly presumed: WrittenScope;
  readonly ground: Ground;
  readonly seen: Seen;
  readonly turns: Map<string, number>;
  /** What was not looked at: it fails where the index has one of the terms, or a session does not go on as `turns` says. */
  readonly guessed?: { readonly unlessIndexed: readonly string[] };
}

/** @returns `undefined` where not all is as it was seen or guessed; then nothing is written */
async function writeScript<Seen, Result extends object>(
  { database, written, now }: Context,
  { user, write, later = false }: Writing<Seen, Result>,
  { presumed, ground, seen, turns, guessed }: Basis<Seen>,
): Promise<Result | undefined> {
  const { scope, operation, nextOrdinal, version } = ground;
  const guesses =
    guessed === undefined ? [[], [], []] : [guessed.unlessIndexed, [...turns.keys()], [...turns.values()]];
  const script = new Script();
  await script.query(guard, [scope, version, ...guesses]);
  const open: OpenScope = { transaction: script, scope, operation, at: now(), nextOrdinal };
  const result = await write(open, seen, turns);
  // A guess is made sure of by what is written.
  if (script.statements.length === 1) return guessed === undefined ? result : undefined;
  // What one writing begins from is no longer so for another.
  written.set(user, { scope, turns: presumed.turns });
  try {
    const [told] = await database.atOnce(script.statements, { later });
    const next = told?.[0] as Omit<Ground, 'scope' | 'nextOrdinal'> | undefined;
    for (const [session, turn] of turns) presumed.turns.set(session, turn);
    // The row of the scope is written where items are.
    if (next !== undefined && open.nextOrdinal > nextOrdinal)
      written.set(user, {
        scope,
        turns: presumed.turns,
        ground: { scope, nextOrdinal: open.nextOrdinal, version: next.version, operation: next.operation },
      });
    return result;
  } catch (error) {
    if (error instanceof StorageError && overtaken.has(error.fields['sqlState'])) return undefined;
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
  const presumed = context.written.get(user);
  if (likely === undefined || presumed?.ground === undefined) return undefined;
  const turns = new Map(sessions.map((session) => [session, presumed.turns.get(session) ?? 0]));
  return writeScript(context, writing, {
    presumed,
    ground: presumed.ground,
    seen: likely.seen,
    turns,
    guessed: likely,
  });
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
      nextTurns(reader, presumed.scope, sessions),
      look(reader, presumed.scope),
    ]),
  );
  if (ground?.scope !== presumed.scope) {
    written.delete(user);
    return undefined;
  }
  return writeScript(context, writing, { presumed, ground, seen, turns });
}

function writeStepByStep<Seen, Result>(
  context: Context,
  { user, sessions, look, write, later = false }: Writing<Seen, Result>,
): Promise<Result> {
  return context.database.transaction(
    async (transaction) => {
      const [{ scope, nextOrdinal }, operation] = await Promise.all([
        lockScope(transaction, context.tenant, user),
        nextOperation(transaction),
      ]);
      const [turns, seen] = await Promise.all([
        nextTurns(transaction, scope, sessions),
        look(transaction, scope),
      ]);
      return write({ transaction, scope, operation, at: context.now(), nextOrdinal }, seen, turns);
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
