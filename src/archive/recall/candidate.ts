// What ranking must know of an item. Knows nothing of scores.
import type { Queryable } from '../database.js';
import { itemsAtPlaces } from '../database.js';
import type { Interval } from '../dates/calendar.js';
import type { Place } from '../scope.js';
import type { ItemKind } from '../types.js';
import type { Query } from './query.js';

export interface Candidate {
  readonly scope: number;
  readonly ordinal: number;
  readonly kind: ItemKind;
  readonly session: string | null;
  readonly document: number | null;
  readonly turn: number | null;
  readonly speaker: string | null;
  /** Milliseconds since 1970. */
  readonly occurredMs: number;
  /** Contradicted by something newer at the time of the question. */
  readonly superseded: boolean;
  /** Happened at, or speaks of, a time the question names. */
  readonly dated: boolean;
}

/** The scope is checked against the tenant here, in every search, whatever was found by other means. */
const permitted = `s.tenant = $1 AND i.state = 'active' AND (i.expires_at IS NULL OR i.expires_at > $2::timestamptz)
  AND i.kind = ANY ($3::text[]) AND ($4::text IS NULL OR i.session = $4)
  AND ($5::timestamptz IS NULL OR i.occurred_at >= $5) AND ($6::timestamptz IS NULL OR i.occurred_at < $6)`;

const columns = `i.scope, i.ordinal, i.kind, i.session, i.document, i.turn, i.speaker,
  round(date_part('epoch', i.occurred_at) * 1000) AS "occurredMs",
  coalesce(i.superseded_at <= $2::timestamptz, false) AS superseded`;

const isDated = `EXISTS (
  SELECT FROM unnest($9::timestamptz[], $10::timestamptz[]) AS named (starts, ends)
  WHERE i.occurred_at >= starts AND i.occurred_at < ends OR i.event_from < ends AND i.event_to > starts)`;

/** Of the places given, those that exist and pass the query's filters. */
export function candidatesAt(
  database: Queryable,
  tenant: string,
  query: Query,
  places: readonly Place[],
): Promise<readonly Candidate[]> {
  const { at, kinds, session, since, until, dates } = query;
  const scopes = places.map(({ scope }) => scope);
  const ordinals = places.map(({ ordinal }) => ordinal);
  const named = dates.length === 0 ? [] : [dates.map(({ from }) => from), dates.map(({ to }) => to)];
  return database.query<Candidate>(
    `SELECT ${columns}, ${named.length === 0 ? 'false' : isDated} AS dated
     FROM ${itemsAtPlaces('$7', '$8')} JOIN scopes s ON s.scope = i.scope WHERE ${permitted}`,
    [tenant, at, kinds, session, since, until, scopes, ordinals, ...named],
  );
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
