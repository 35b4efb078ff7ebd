// Items that are said again: counted, or brought back. Knows nothing of when two texts are the same.
import type { Queryable } from './database.js';
import { groupBy } from './group.js';
import type { Change } from './history.js';

/** Counts each repeat and remembers when the item was last said. */
export async function noteRepeats(
  transaction: Queryable,
  scope: number,
  repeats: readonly { readonly ordinal: number; readonly seenAt: Date }[],
): Promise<readonly Change[]> {
  if (repeats.length === 0) return [];
  const groups = [...groupBy(repeats, ({ ordinal }) => ordinal)];
  const rows = await transaction.query<
    Record<'before' | 'after' | 'seenBefore' | 'seenAfter', string> & { ordinal: number }
  >(
    `WITH old AS (SELECT ordinal, repeats, last_seen_at FROM items WHERE scope = $1 AND ordinal = ANY ($2::int4[]))
     UPDATE items i SET repeats = i.repeats + r.times, last_seen_at = greatest(i.last_seen_at, r.seen_at)
     FROM unnest($2::int4[], $3::int4[], $4::timestamptz[]) AS r (ordinal, times, seen_at) JOIN old USING (ordinal)
     WHERE i.scope = $1 AND i.ordinal = r.ordinal
     RETURNING i.ordinal, old.repeats::text AS before, i.repeats::text AS after,
       old.last_seen_at::text AS "seenBefore", i.last_seen_at::text AS "seenAfter"`,
    [
      scope,
      groups.map(([ordinal]) => ordinal),
      groups.map(([, group]) => group.length),
      groups.map(([, group]) =>
        new Date(Math.max(...group.map(({ seenAt }) => seenAt.getTime()))).toISOString(),
      ),
    ],
  );
  return rows.flatMap(({ ordinal, before, after, seenBefore, seenAfter }): Change[] => [
    { ordinal, action: 'repeat', field: 'repeats', before, after },
    { ordinal, action: 'repeat', field: 'last_seen_at', before: seenBefore, after: seenAfter },
  ]);
}

/** Makes retired items active again. */
export async function reviveItems(
  transaction: Queryable,
  scope: number,
  ordinals: readonly number[],
): Promise<readonly Change[]> {
  if (ordinals.length === 0) return [];
  await transaction.query(
    `UPDATE items SET state = 'active' WHERE scope = $1 AND ordinal = ANY ($2::int4[])`,
    [scope, ordinals],
  );
  return ordinals.map((ordinal) => ({
    ordinal,
    action: 'revive',
    field: 'state',
    before: 'retired',
    after: 'active',
  }));
}
