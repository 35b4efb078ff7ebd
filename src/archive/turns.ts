// Positions of episodes within their sessions.
import type { Queryable } from './database.js';
import type { Draft } from './drafts.js';

/** Numbers the new turns of each session after those it has. */
export async function withTurns(
  transaction: Queryable,
  scope: number,
  drafts: readonly Draft[],
): Promise<readonly Draft[]> {
  const sessions = [...new Set(drafts.flatMap(({ session }) => session ?? []))];
  if (sessions.length === 0) return drafts;
  const rows = await transaction.query<{ session: string; next: number }>(
    `SELECT s.session, coalesce((SELECT max(turn) + 1 FROM items i WHERE i.scope = $1 AND i.session = s.session), 0) AS next
     FROM unnest($2::text[]) AS s (session)`,
    [scope, sessions],
  );
  const next = new Map(rows.map((row) => [row.session, row.next]));
  return drafts.map((draft) => {
    if (draft.session === undefined) return draft;
    const turn = next.get(draft.session) ?? 0;
    next.set(draft.session, turn + 1);
    return { ...draft, turn };
  });
}

/** The number of the next turn of a session. The scope is named and not numbered, so that it can be asked while the scope is locked. */
export async function nextTurn(
  transaction: Queryable,
  tenant: string,
  user: string,
  session: string,
): Promise<number> {
  const rows = await transaction.query<{ next: number }>(
    `SELECT coalesce(max(i.turn) + 1, 0) AS next FROM scopes s JOIN items i USING (scope)
     WHERE s.tenant = $1 AND s.user_name = $2 AND i.session = $3`,
    [tenant, user, session],
  );
  return rows[0]?.next ?? 0;
}
