// What ranking must know of an item, whatever is asked. Knows nothing of questions and scores.
import type { Queryable } from '../database.js';
import { itemsAtPlaces } from '../database.js';
import type { Place } from '../scope.js';
import { columnsOf } from '../scope.js';
import type { ItemKind } from '../types.js';

/** Moments are in milliseconds since 1970. */
export interface ItemTraits {
  readonly ordinal: number;
  readonly kind: ItemKind;
  readonly isRetired: boolean;
  readonly session: string | null;
  readonly document: number | null;
  readonly turn: number | null;
  readonly speaker: string | null;
  readonly occurredMs: number;
  /** `null` where it stays. */
  readonly expiresMs: number | null;
  /** `null` where nothing newer contradicts it. */
  readonly supersededMs: number | null;
  /** The time it speaks of; both or none. */
  readonly eventFromMs: number | null;
  readonly eventToMs: number | null;
}

const text = (value: string): string => `coalesce(to_json(${value})::text, 'null')`;
/** `to_json` would look up the type of each number anew. */
const number = (value: string): string => `coalesce((${value})::text, 'null')`;
const milliseconds = (column: string): string => number(`(date_part('epoch', i.${column}) * 1000)::int8`);
const columns: Readonly<Record<keyof ItemTraits, string>> = {
  ordinal: 'i.ordinal',
  kind: `'"', i.kind, '"'`,
  isRetired: `CASE i.state WHEN 'retired' THEN 'true' ELSE 'false' END`,
  session: text('i.session'),
  document: number('i.document'),
  turn: number('i.turn'),
  speaker: text('i.speaker'),
  occurredMs: milliseconds('occurred_at'),
  expiresMs: milliseconds('expires_at'),
  supersededMs: milliseconds('superseded_at'),
  eventFromMs: milliseconds('event_from'),
  eventToMs: milliseconds('event_to'),
};
const members = Object.entries(columns).map(([name, value]) => `'"${name}":', ${value}`);

/** SQL: the traits of item `i` as JSON. Put together by hand: PostgreSQL takes several times as long to build an object. */
export const traitsJson = `concat('{', ${members.join(`, ',', `)}, '}')`;

/** Reads what `string_agg(traitsJson, ',')` gives; nothing of `null`. */
export const parseTraits = (json: string | null): readonly ItemTraits[] =>
  JSON.parse(`[${json ?? ''}]`) as ItemTraits[];

export interface PlacedTraits extends ItemTraits {
  readonly scope: number;
}

/** Of the places given, those that exist and belong to the tenant. */
export async function traitsAt(
  database: Queryable,
  tenant: string,
  places: readonly Place[],
): Promise<readonly PlacedTraits[]> {
  const rows = await database.query<{ scope: number; traits: string }>(
    `SELECT i.scope, string_agg(${traitsJson}, ',') AS traits
     FROM ${itemsAtPlaces('$2', '$3')} JOIN scopes s ON s.scope = i.scope WHERE s.tenant = $1 GROUP BY i.scope`,
    [tenant, ...columnsOf(places)],
  );
  return rows.flatMap(({ scope, traits }) =>
    parseTraits(traits).map((item) => Object.assign(item, { scope })),
  );
}
