// Positions of episodes within their sessions.
import type { Queryable } from './database.js';
import { rowsOf } from './database.js';
import type { Draft } from './drafts.js';

/** The number of the next turn of each session. */
export async function nextTurns(
  database: Queryable,
  scope: number,
  sessions: readonly string[],
): Promise<Map<string, number>> {
  if (sessions.length === 0) return new Map();
  const rows = await database.query<{ session: string; next: number }>(
    `SELECT s.session, coalesce((SELECT max(turn) + 1 FROM items i WHERE i.scope = $1 AND i.session = s.session), 0) AS next
     FROM ${rowsOf('s', { session: '$2::text[]' })}`,
    [scope, [...new Set(sessions)]],
  );
  return new Map(rows.map((row) => [row.session, row.next]));
}

/** Numbers the new turns of each session after those it has. @param next the number of the next turn of each; counts on */
export function withTurns(drafts: readonly Draft[], next: Map<string, number>): readonly Draft[] {
  return drafts.map((draft) => {
    if (draft.session === undefined) return draft;
    const turn = next.get(draft.session) ?? 0;
    next.set(draft.session, turn + 1);
    return { ...draft, turn };
  });
}
