// The turns of a conversation, stored each time, however often the same was said; and which conversations there are. Knows
// nothing of who answers.
import { DataError, invariant } from '../core/errors.js';
import type { AnswerWindow } from './answer-windows.js';
import { sealWindow } from './answer-windows.js';
import type { Context } from './context.js';
import { makeDrafts } from './drafts.js';
import { checkEpisode } from './episode-input.js';
import { findStatements } from './facts/store-facts.js';
import type { Redaction } from './privacy/redact.js';
import { holderOfWritten } from './recall/read-scope.js';
import { writtenFact, writtenItem } from './recall/results.js';
import { checkName, findScope, idOf, placeOf } from './scope.js';
import type { Profile } from './session-profiles.js';
import { sealProfile } from './session-profiles.js';
import { storeLinked } from './store-linked.js';
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
  /** What a model was given for it: kept in the same transaction, the last ones of a session. */
  readonly window?: AnswerWindow;
  /** What the session's answers begin from from now on: kept in the same transaction, in the place of the one before. */
  readonly profile?: Profile;
  /** Lets others use the database first, where there is one connection for all. */
  readonly later?: boolean;
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
  const [draft] = await makeDrafts(context, [input]);
  invariant(draft !== undefined, 'A turn got no draft.');
  const found = turn.facts === false ? [] : await findStatements(context, [input]);
  const window = turn.window && (await sealWindow(context, input.user, turn.window));
  const profile = turn.profile && (await sealProfile(context, input.user, turn.profile));
  const hold = holderOfWritten(context, input.user);
  const stored = await storeLinked(context, {
    draft,
    session: turn.session,
    found,
    from: turn.from ?? 0,
    window,
    profile,
    linked: (own) => ({
      sources: ordinalsIn(own, turn.sources ?? []),
      replaced: ordinalsIn(own, turn.replaces === undefined ? [] : [turn.replaces]),
    }),
    later: turn.later ?? false,
  });
  const { scope, ordinal, turn: number = 0, facts, added } = stored;
  hold(
    await Promise.all([
      writtenItem(context, { scope, ordinal }, draft, { turn: number }),
      ...added.map((fact) => writtenFact(context, scope, fact)),
    ]),
  );
  return {
    id: idOf({ scope, ordinal }),
    turn: number,
    text: input.text,
    time: input.occurredAt.toISOString(),
    facts: facts.map((fact) => idOf({ scope, ordinal: fact })),
    ...(redacted === undefined ? {} : { redacted }),
  };
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
