// Which items a question may be answered with, and what it makes of them. Knows nothing of scores.
import type { Queryable } from '../database.js';
import type { Interval } from '../dates/calendar.js';
import type { Place, PlaceSets, Scope } from '../scope.js';
import type { PlacedTraits } from './item-traits.js';
import type { Query } from './query.js';

export interface Candidate extends PlacedTraits {
  /** Contradicted by something newer at the time of the question. */
  readonly superseded: boolean;
  /** Happened at, or speaks of, a time the question names. */
  readonly dated: boolean;
}

function isPermitted(item: PlacedTraits, { at, kinds, session, since, until }: Query): boolean {
  return (
    !item.isRetired &&
    (item.expiresMs === null || item.expiresMs > at.getTime()) &&
    kinds.includes(item.kind) &&
    (session === undefined || item.session === session) &&
    (since === undefined || item.occurredMs >= since.getTime()) &&
    (until === undefined || item.occurredMs < until.getTime())
  );
}

function isDated({ occurredMs, eventFromMs, eventToMs }: PlacedTraits, dates: readonly Interval[]): boolean {
  return dates.some(({ from, to }) => {
    const [fromMs, toMs] = [from.getTime(), to.getTime()];
    const happened = occurredMs >= fromMs && occurredMs < toMs;
    return (
      happened || (eventFromMs !== null && eventToMs !== null && eventFromMs < toMs && eventToMs > fromMs)
    );
  });
}

/**
 * The item as the question sees it; `undefined` where the question's filters leave it out.
 *
 * @param item the question's own: it is added to, since copies of hundreds take as long as ranking them
 */
export function candidateOf(item: PlacedTraits, query: Query): Candidate | undefined {
  if (!isPermitted(item, query)) return undefined;
  const superseded = item.supersededMs !== null && item.supersededMs <= query.at.getTime();
  return Object.assign(item, { superseded, dated: isDated(item, query.dates) });
}

/** No named time is longer than this; it bounds the search for texts that speak of one. */
const longestEvent = `interval '367 days'`;

/** Places of items that happened within an interval, or speak of it, the latest of each first. */
export function placesWithin(
  database: Queryable,
  scope: number,
  { from, to }: Interval,
  limit: number,
): Promise<readonly Place[]> {
  return database.query<Place>(
    `(SELECT scope, ordinal FROM items WHERE scope = $1 AND occurred_at >= $2::timestamptz AND occurred_at < $3::timestamptz
      ORDER BY occurred_at DESC LIMIT $4)
     UNION
     (SELECT scope, ordinal FROM items WHERE scope = $1 AND event_from < $3::timestamptz AND event_to > $2::timestamptz
        AND event_from > $2::timestamptz - ${longestEvent}
      ORDER BY event_from DESC LIMIT $4)`,
    [scope, from, to, limit],
  );
}

/** Where the facts are, of all times. Packed: a value at a time, thousands take several times as long. */
export async function placesOfFacts(database: Queryable, scopes: readonly Scope[]): Promise<PlaceSets> {
  const rows = await database.query<{ scope: number; ordinals: string }>(
    `SELECT scope, string_agg(ordinal::text, ',') AS ordinals FROM facts WHERE scope = ANY($1::int4[]) GROUP BY scope`,
    [scopes.map(({ scope }) => scope)],
  );
  return new Map(rows.map(({ scope, ordinals }) => [scope, new Set(ordinals.split(',').map(Number))]));
}
