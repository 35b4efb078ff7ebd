// Fetches the texts of what was found, with facts, sources and the turns around. Knows nothing of ranking.
import type { Context } from '../context.js';
import { ownerOf } from '../context.js';
import { itemsAtPlaces } from '../database.js';
import { invariant } from '../../core/errors.js';
import type { Draft } from '../drafts.js';
import type { FactDetail, NewFact } from '../facts/reconcile.js';
import type { Place, Scope } from '../scope.js';
import { columnsOf, idOf } from '../scope.js';
import { sourcesOfItem } from '../sources.js';
import type { Item, ItemId, ItemKind } from '../types.js';
import type { PlacedTraits } from './item-traits.js';

/** What a fact says beside its text, and how long it held. */
export interface FactView extends FactDetail {
  readonly negated: boolean;
  readonly confidence: number;
  readonly validFrom: string;
  /** Absent while it holds. */
  readonly validTo?: string;
}

export interface FullItem extends Item {
  readonly fact?: FactView;
  /** The episodes a fact or summary was made from. */
  readonly sources: readonly ItemId[];
}

interface Row extends Place {
  readonly kind: ItemKind;
  readonly user: string;
  readonly text: string;
  readonly time: Date;
  readonly session: string | null;
  readonly speaker: string | null;
  readonly turn: number | null;
  readonly tokens: number;
  readonly repeats: number;
  readonly supersededAt: Date | null;
  readonly title: string | null;
  readonly detail: string | null;
  readonly negated: boolean | null;
  readonly confidence: number | null;
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
  readonly sources: readonly number[] | null;
}

/** What an episode has not. */
const nothingBeside = {
  title: null,
  detail: null,
  negated: null,
  confidence: null,
  validFrom: null,
  validTo: null,
  sources: null,
} as const;

export const itemSelection = `SELECT i.scope, i.ordinal, i.kind, s.user_name AS "user", i.text, i.occurred_at AS time, i.session, i.speaker,
    i.turn, i.tokens, i.repeats, i.superseded_at AS "supersededAt", d.title, f.detail, f.negated, f.confidence,
    f.valid_from AS "validFrom", f.valid_to AS "validTo",
    ${sourcesOfItem} AS sources`;
export const itemTables = `items i JOIN scopes s USING (scope) LEFT JOIN facts f USING (scope, ordinal)
    LEFT JOIN documents d ON d.scope = i.scope AND d.document = i.document`;

async function factOf(context: Context, row: Row): Promise<FactView | undefined> {
  if (row.detail === null || row.validFrom === null) return undefined;
  const detail = JSON.parse(await context.cipher.open(row.detail, ownerOf(context, row.user))) as FactDetail;
  return {
    ...detail,
    negated: row.negated ?? false,
    confidence: row.confidence ?? 0,
    validFrom: row.validFrom.toISOString(),
    ...(row.validTo === null ? {} : { validTo: row.validTo.toISOString() }),
  };
}

/** Opens what is sealed and leaves out what is absent. */
export async function itemOf(context: Context, row: Row): Promise<FullItem> {
  const owner = ownerOf(context, row.user);
  const fact = await factOf(context, row);
  return {
    id: idOf(row),
    kind: row.kind,
    user: row.user,
    text: await context.cipher.open(row.text, owner),
    time: row.time.toISOString(),
    tokens: row.tokens,
    repeats: row.repeats,
    ...(row.session === null ? {} : { session: row.session }),
    ...(row.speaker === null ? {} : { speaker: row.speaker }),
    ...(row.turn === null ? {} : { turn: row.turn }),
    ...(row.title === null ? {} : { document: await context.cipher.open(row.title, owner) }),
    ...(row.supersededAt === null ? {} : { supersededAt: row.supersededAt.toISOString() }),
    ...(fact === undefined ? {} : { fact }),
    sources: (row.sources ?? []).map((ordinal) => idOf({ scope: row.scope, ordinal })),
  };
}

/** An episode, or a summary with what it was made from, as it was just written. */
export function writtenItem(
  context: Context,
  place: Place,
  { kind, user, sealed, occurredAt, session, speaker, tokens }: Draft,
  { turn = null, sources = null }: Partial<Pick<Row, 'turn' | 'sources'>>,
): Promise<FullItem> {
  return itemOf(context, {
    ...nothingBeside,
    ...place,
    kind,
    user,
    text: sealed,
    time: occurredAt,
    session: session ?? null,
    speaker: speaker ?? null,
    turn,
    tokens,
    repeats: 0,
    supersededAt: null,
    sources,
  });
}

/** A fact as it was just written. */
export function writtenFact(context: Context, scope: number, fact: NewFact): Promise<FullItem> {
  const { ordinal, negated, validFrom, validTo = null, claim } = fact;
  const { draft, source, statement, sealedDetail } = claim;
  return itemOf(context, {
    ...nothingBeside,
    scope,
    ordinal,
    kind: 'fact',
    user: draft.user,
    text: draft.sealed,
    time: draft.occurredAt,
    session: draft.session ?? null,
    speaker: draft.speaker ?? null,
    turn: null,
    tokens: draft.tokens,
    repeats: 0,
    supersededAt: validTo,
    detail: sealedDetail,
    negated,
    confidence: statement.confidence,
    validFrom,
    validTo,
    sources: [source],
  });
}

/** Runs a selection made of `itemSelection` and `itemTables`. */
export async function selectItems(
  context: Context,
  sql: string,
  parameters: readonly unknown[],
): Promise<readonly FullItem[]> {
  const rows = await context.database.query<Row>(sql, parameters);
  return Promise.all(rows.map((row) => itemOf(context, row)));
}

/** The items at these places, in any order. */
export function itemsAt(context: Context, places: readonly Place[]): Promise<readonly FullItem[]> {
  return selectItems(
    context,
    `${itemSelection} FROM ${itemsAtPlaces('$2', '$3')} JOIN scopes s ON s.scope = i.scope
     LEFT JOIN facts f ON f.scope = i.scope AND f.ordinal = i.ordinal LEFT JOIN documents d ON d.scope = i.scope AND d.document = i.document WHERE s.tenant = $1`,
    [context.tenant, ...columnsOf(places)],
  );
}

/**
 * The items whose traits are known, in any order. Of an episode, which has nothing in other tables, only what the traits do not
 * say is read: a question is answered sooner.
 *
 * @param traits of the tenant's items
 * @param scopes those of the traits
 */
export async function itemsWithTraits(
  context: Context,
  traits: readonly PlacedTraits[],
  scopes: readonly Scope[],
): Promise<readonly FullItem[]> {
  const [episodes, others] = [true, false].map((wanted) =>
    traits.filter(({ kind }) => (kind === 'episode') === wanted),
  ) as [PlacedTraits[], PlacedTraits[]];
  const read = await Promise.all([
    episodes.length === 0 ? [] : episodesWithTraits(context, episodes, scopes),
    others.length === 0 ? [] : itemsAt(context, others),
  ]);
  return read.flat();
}

async function episodesWithTraits(
  context: Context,
  episodes: readonly PlacedTraits[],
  scopes: readonly Scope[],
): Promise<readonly FullItem[]> {
  const users = new Map(scopes.map(({ scope, user }) => [scope, user]));
  const traits = new Map(episodes.map((episode) => [idOf(episode), episode]));
  const rows = await context.database.query<Pick<Row, 'scope' | 'ordinal' | 'text' | 'tokens' | 'repeats'>>(
    `SELECT i.scope, i.ordinal, i.text, i.tokens, i.repeats FROM ${itemsAtPlaces('$1', '$2')}`,
    columnsOf(episodes),
  );
  const items = rows.map(async (row) => {
    const episode = traits.get(idOf(row));
    invariant(episode !== undefined, 'An item was read that was not asked for.');
    return itemOf(context, {
      ...nothingBeside,
      ...row,
      kind: episode.kind,
      user: users.get(row.scope) ?? '',
      time: new Date(episode.occurredMs),
      session: episode.session,
      speaker: episode.speaker,
      turn: episode.turn,
      supersededAt: episode.supersededMs === null ? null : new Date(episode.supersededMs),
    });
  });
  return Promise.all(items);
}

/** The turns (or chunks) up to `distance` before and after an item, in order, without the item. */
export async function neighboursOf(
  context: Context,
  { scope, ordinal }: Place,
  distance: number,
  at: Date,
): Promise<readonly FullItem[]> {
  return selectItems(
    context,
    `${itemSelection} FROM items me JOIN items i ON i.scope = me.scope AND i.kind = me.kind
       AND (i.document = me.document OR me.document IS NULL AND i.session = me.session)
       AND i.turn BETWEEN me.turn - $4::int4 AND me.turn + $4::int4 AND i.ordinal <> me.ordinal
     JOIN scopes s ON s.scope = i.scope LEFT JOIN facts f ON f.scope = i.scope AND f.ordinal = i.ordinal
     LEFT JOIN documents d ON d.scope = i.scope AND d.document = i.document
     WHERE s.tenant = $1 AND me.scope = $2 AND me.ordinal = $3 AND i.state = 'active'
       AND (i.expires_at IS NULL OR i.expires_at > $5::timestamptz) ORDER BY i.turn`,
    [context.tenant, scope, ordinal, distance, at],
  );
}
