// Items that are said again: counted, or brought back. Knows nothing of when two texts are the same.
import { groupBy } from './group.js';
import { recordChanges, recordUpdate } from './history.js';
import type { OpenScope } from './insert-items.js';

/** Counts each repeat and remembers when the item was last said. */
export async function noteRepeats(
  open: OpenScope,
  repeats: readonly { readonly ordinal: number; readonly seenAt: Date }[],
): Promise<void> {
  if (repeats.length === 0) return;
  const groups = [...groupBy(repeats, ({ ordinal }) => ordinal)];
  await recordUpdate(open, 'repeat', {
    update: `old AS (SELECT ordinal, repeats, last_seen_at FROM items WHERE scope = $1 AND ordinal = ANY ($2::int4[])),
     changed AS (
       UPDATE items i SET repeats = i.repeats + r.times, last_seen_at = greatest(i.last_seen_at, r.seen_at)
       FROM unnest($2::int4[], $3::int4[], $4::timestamptz[]) AS r (ordinal, times, seen_at) JOIN old USING (ordinal)
       WHERE i.scope = $1 AND i.ordinal = r.ordinal
       RETURNING i.ordinal, old.repeats AS repeats_before, i.repeats, old.last_seen_at AS seen_before, i.last_seen_at)`,
    changes: `SELECT ordinal, field, before, after FROM changed CROSS JOIN LATERAL (VALUES
       ('repeats', repeats_before::text, repeats::text),
       ('last_seen_at', seen_before::text, last_seen_at::text)) AS part (field, before, after)`,
    parameters: [
      open.scope,
      groups.map(([ordinal]) => ordinal),
      groups.map(([, group]) => group.length),
      groups.map(([, group]) =>
        new Date(Math.max(...group.map(({ seenAt }) => seenAt.getTime()))).toISOString(),
      ),
    ],
  });
}

/** Makes retired items active again. */
export async function reviveItems(open: OpenScope, ordinals: readonly number[]): Promise<void> {
  if (ordinals.length === 0) return;
  const { transaction, scope, operation, at } = open;
  await Promise.all([
    transaction.query(`UPDATE items SET state = 'active' WHERE scope = $1 AND ordinal = ANY ($2::int4[])`, [
      scope,
      ordinals,
    ]),
    recordChanges(
      transaction,
      scope,
      operation,
      at,
      ordinals.map((ordinal) => ({
        ordinal,
        action: 'revive',
        field: 'state',
        before: 'retired',
        after: 'active',
      })),
    ),
  ]);
}
