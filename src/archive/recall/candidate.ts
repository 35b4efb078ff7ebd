// What ranking must know of an item. Knows nothing of scores.
import type { Queryable } from '../database.js';
import type { Interval } from '../dates/calendar.js';
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
  readonly occurredAt: Date;
  readonly eventFrom: Date | null;
  readonly eventTo: Date | null;
  readonly supersededAt: Date | null;
  readonly repeats: number;
}

const columns = `i.scope, i.ordinal, i.kind, i.session, i.document, i.turn, i.speaker, i.occurred_at AS "occurredAt",
  i.event_from AS "eventFrom", i.event_to AS "eventTo", i.superseded_at AS "supersededAt", i.repeats`;

/** The scope is checked against the tenant here, in every search, whatever was found by other means. */
const permitted = `s.tenant = $1 AND i.state = 'active' AND (i.expires_at IS NULL OR i.expires_at > $2::timestamptz)
  AND i.kind = ANY ($3::text[]) AND ($4::text IS NULL OR i.session = $4)
  AND ($5::timestamptz IS NULL OR i.occurred_at >= $5) AND ($6::timestamptz IS NULL OR i.occurred_at < $6)`;

function filtersOf(tenant: string, query: Query): readonly unknown[] {
  const { at, kinds, session, since, until } = query;
  return [tenant, at, kinds, session, since, until];
}

/** Of the places given, those that exist and pass the query's filters. */
export function candidatesAt(
  database: Queryable,
  tenant: string,
  query: Query,
  scopes: readonly number[],
  ordinals: readonly number[],
): Promise<readonly Candidate[]> {
  return database.query<Candidate>(
    `SELECT ${columns} FROM unnest($7::int4[], $8::int4[]) AS found (scope, ordinal)
     JOIN items i USING (scope, ordinal) JOIN scopes s USING (scope) WHERE ${permitted}`,
    [...filtersOf(tenant, query), scopes, ordinals],
  );
}

/** Items that happened within an interval or speak of it, the latest first. */
export function candidatesWithin(
  database: Queryable,
  tenant: string,
  query: Query,
  scopes: readonly number[],
  { from, to }: Interval,
  limit: number,
): Promise<readonly Candidate[]> {
  return database.query<Candidate>(
    `SELECT ${columns} FROM items i JOIN scopes s USING (scope)
     WHERE i.scope = ANY ($7::int4[]) AND ${permitted}
       AND (i.occurred_at >= $8::timestamptz AND i.occurred_at < $9::timestamptz
         OR i.event_from < $9::timestamptz AND i.event_to > $8::timestamptz)
     ORDER BY i.occurred_at DESC, i.ordinal DESC LIMIT $10`,
    [...filtersOf(tenant, query), scopes, from, to, limit],
  );
}

/** Whether an item happened within an interval or speaks of it. */
export function liesWithin(item: Candidate, { from, to }: Interval): boolean {
  const said = item.occurredAt >= from && item.occurredAt < to;
  return (
    said || (item.eventFrom !== null && item.eventTo !== null && item.eventFrom < to && item.eventTo > from)
  );
}
