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

/** What few items have. */
export type RareTraits = Pick<
  ItemTraits,
  'isRetired' | 'expiresMs' | 'supersededMs' | 'eventFromMs' | 'eventToMs'
>;
export const nothingRare: RareTraits = {
  isRetired: false,
  expiresMs: null,
  supersededMs: null,
  eventFromMs: null,
  eventToMs: null,
};

const milliseconds = (column: string): string => `(date_part('epoch', i.${column}) * 1000)::int8`;
const usual = [
  'i.ordinal',
  'i.kind',
  'i.session',
  'i.document',
  'i.turn',
  'i.speaker',
  milliseconds('occurred_at'),
];
const rare = [
  `i.state = 'retired'`,
  ...['expires_at', 'superseded_at', 'event_from', 'event_to'].map(milliseconds),
];

/** What `packedTraits` gives: a list for each usual trait, then the rare ones of those items that have any. */
type PackedTraits = readonly [
  ordinals: readonly number[],
  kinds: readonly ItemKind[],
  sessions: readonly (string | null)[],
  documents: readonly (number | null)[],
  turns: readonly (number | null)[],
  speakers: readonly (string | null)[],
  occurred: readonly number[],
  rare: readonly (readonly [ordinal: number, isRetired: boolean, ...moments: (number | null)[]])[] | null,
];

/** SQL: the traits of all items `i`, as JSON. By trait: item by item, PostgreSQL takes twice as long, and reading it three times. */
export const packedTraits = `CASE WHEN count(*) > 0 THEN json_build_array(
  ${usual.map((value) => `json_agg(${value})`).join(', ')},
  json_agg(json_build_array(i.ordinal, ${rare.join(', ')}))
    FILTER (WHERE i.state = 'retired' OR num_nonnulls(i.expires_at, i.superseded_at, i.event_from) > 0))::text END`;

/** Reads what `packedTraits` gives; nothing of `null`. */
export function unpackTraits(json: string | null): readonly ItemTraits[] {
  if (json === null) return [];
  const [ordinals, kinds, sessions, documents, turns, speakers, occurred, rareItems] = JSON.parse(
    json,
  ) as PackedTraits;
  const rareOf = new Map(
    (rareItems ?? []).map(([ordinal, isRetired, expires, superseded, eventFrom, eventTo]) => [
      ordinal,
      {
        isRetired,
        expiresMs: expires ?? null,
        supersededMs: superseded ?? null,
        eventFromMs: eventFrom ?? null,
        eventToMs: eventTo ?? null,
      } satisfies RareTraits,
    ]),
  );
  return ordinals.map((ordinal, i) => {
    const { isRetired, expiresMs, supersededMs, eventFromMs, eventToMs } = rareOf.get(ordinal) ?? nothingRare;
    return {
      ordinal,
      kind: kinds[i] ?? 'episode',
      isRetired,
      session: sessions[i] ?? null,
      document: documents[i] ?? null,
      turn: turns[i] ?? null,
      speaker: speakers[i] ?? null,
      occurredMs: occurred[i] ?? 0,
      expiresMs,
      supersededMs,
      eventFromMs,
      eventToMs,
    };
  });
}

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
    `SELECT i.scope, ${packedTraits} AS traits
     FROM ${itemsAtPlaces('$2', '$3')} JOIN scopes s ON s.scope = i.scope WHERE s.tenant = $1 GROUP BY i.scope`,
    [tenant, ...columnsOf(places)],
  );
  return rows.flatMap(({ scope, traits }) =>
    unpackTraits(traits).map((item) => Object.assign(item, { scope })),
  );
}
