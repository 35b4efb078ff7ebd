// The turns of a conversation: stored each time, however often the same was said, and listed in order. Knows nothing of who answers.
import { DataError, invariant } from '../core/errors.js';
import type { Context } from './context.js';
import { checkCount } from './count.js';
import { insertRows } from './database.js';
import { makeDrafts } from './drafts.js';
import { checkEpisode } from './episode-input.js';
import { findStatements, storeFacts } from './facts/store-facts.js';
import { nextOperation } from './history.js';
import { insertItems } from './insert-items.js';
import type { Redaction } from './privacy/redact.js';
import type { FullItem } from './recall/results.js';
import { itemSelection, itemTables, selectItems } from './recall/results.js';
import { retireItem } from './retire-item.js';
import { checkName, findScope, idOf, lockScope, placeOf } from './scope.js';
import { withTurns } from './turns.js';
import type { EpisodeInput, ItemId } from './types.js';

export interface TurnInput extends Omit<EpisodeInput, 'session'> {
  readonly session: string;
  /** Its number is at least this: a branch counts on from where it left its parent. Default 0. */
  readonly from?: number;
  /** Whether facts are looked for in it; default `true`. Not in what a model says. */
  readonly facts?: boolean;
  /** What it was made from, such as the question an answer repeats: when one of them is forgotten, it goes too. */
  readonly sources?: readonly ItemId[];
  /** The turn it takes the place of: retired in the same transaction. */
  readonly replaces?: ItemId;
}

export interface TurnOutcome {
  readonly id: ItemId;
  readonly turn: number;
  /** As it was stored: personal data may have been replaced. */
  readonly text: string;
  readonly time: string;
  readonly facts: readonly ItemId[];
  readonly redacted?: Redaction['counts'];
}

/** Ordinals of items of one scope. @throws {DataError} when one belongs to another */
function ordinalsIn(scope: number, ids: readonly ItemId[]): readonly number[] {
  return ids.map((id) => {
    const place = placeOf(id);
    if (place.scope === scope) return place.ordinal;
    throw new DataError(`Item ${id} is of another user. A turn is made from items of its own user.`, {
      fields: { id },
    });
  });
}

/**
 * Stores one turn. Unlike `remember` it never says that the text is known: "yes" said twice is two turns.
 *
 * @throws {DataError} when it cannot be used; nothing is stored then
 */
export async function addTurn(context: Context, turn: TurnInput): Promise<TurnOutcome> {
  const { input: checked, redacted } = checkEpisode(context, turn);
  const input = { ...checked, identity: JSON.stringify(['turn', turn.session, crypto.randomUUID()]) };
  const drafts = await makeDrafts(context, [input]);
  const found = turn.facts === false ? [] : await findStatements(context, [input]);
  return context.database.transaction(async (transaction) => {
    const { scope, nextOrdinal } = await lockScope(transaction, context.tenant, input.user);
    const operation = await nextOperation(transaction);
    const open = { transaction, scope, operation, at: context.now(), nextOrdinal };
    const [draft] = await withTurns(transaction, scope, drafts);
    invariant(draft !== undefined, 'A turn got no draft.');
    const number = Math.max(draft.turn ?? 0, turn.from ?? 0);
    const [ordinal = 0] = await insertItems(context, open, [{ ...draft, turn: number }]);
    const facts = await storeFacts(context, open, found, new Map([[0, ordinal]]));
    const sources = ordinalsIn(scope, turn.sources ?? []);
    await insertRows(
      transaction,
      'sources',
      [...new Set(sources)].map((source) => ({ scope, ordinal, source })),
    );
    for (const old of ordinalsIn(scope, turn.replaces === undefined ? [] : [turn.replaces]))
      await retireItem(open, old);
    return {
      id: idOf({ scope, ordinal }),
      turn: number,
      text: input.text,
      time: input.occurredAt.toISOString(),
      facts: (facts.get(0) ?? []).map((fact) => idOf({ scope, ordinal: fact })),
      ...(redacted === undefined ? {} : { redacted }),
    };
  });
}

/** A session, up to and with a turn. */
export interface SessionPart {
  readonly session: string;
  /** Default: all of it. */
  readonly upTo?: number;
}

export interface TurnsOptions {
  readonly user?: string;
  readonly sessions: readonly SessionPart[];
  /** The latest so many; default 1000, at most 100,000. */
  readonly limit?: number;
}

const wholeSession = 2 ** 31 - 1;

/** What was said in sessions, in order. Nothing for a user who is not known. */
export async function listTurns(context: Context, options: TurnsOptions): Promise<readonly FullItem[]> {
  const user = checkName(options.user ?? context.defaultUser, 'user');
  const known = await findScope(context.database, context.tenant, user);
  if (known === undefined) return [];
  const turns = await selectItems(
    context,
    `${itemSelection} FROM ${itemTables} JOIN unnest($3::text[], $4::int4[]) AS part (session, last) ON part.session = i.session
     WHERE s.tenant = $1 AND i.scope = $2 AND i.turn <= part.last AND i.kind = 'episode' AND i.state = 'active'
       AND (i.expires_at IS NULL OR i.expires_at > $5::timestamptz)
     ORDER BY i.turn DESC, i.ordinal DESC LIMIT $6`,
    [
      context.tenant,
      known.scope,
      options.sessions.map(({ session }) => checkName(session, 'session')),
      options.sessions.map(({ upTo }) => upTo ?? wholeSession),
      context.now(),
      checkCount(options.limit ?? 1000, 'limit', 1, 100_000),
    ],
  );
  return turns.toReversed();
}

export interface SessionView {
  readonly session: string;
  readonly turns: number;
  /** ISO 8601. */
  readonly firstAt: string;
  readonly lastAt: string;
}

/** The sessions of a user, the one spoken in last first. Nothing for a user who is not known. */
export async function listSessions(context: Context, user?: string): Promise<readonly SessionView[]> {
  const known = await findScope(
    context.database,
    context.tenant,
    checkName(user ?? context.defaultUser, 'user'),
  );
  if (known === undefined) return [];
  const rows = await context.database.query<{ session: string; turns: number; first: Date; last: Date }>(
    `SELECT session, count(*)::int4 AS turns, min(occurred_at) AS first, max(occurred_at) AS last FROM items
     WHERE scope = $1 AND session IS NOT NULL AND kind = 'episode' AND state = 'active'
     GROUP BY session ORDER BY max(occurred_at) DESC, max(ordinal) DESC`,
    [known.scope],
  );
  return rows.map(({ session, turns, first, last }) => ({
    session,
    turns,
    firstAt: first.toISOString(),
    lastAt: last.toISOString(),
  }));
}
