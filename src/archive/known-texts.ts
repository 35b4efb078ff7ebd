// Which drafts the archive knows already: the same content, or almost the same words by the same speaker.
import type { Context } from './context.js';
import { ownerOf } from './context.js';
import type { Queryable, Statement } from './database.js';
import { rowsOf } from './database.js';
import type { Draft } from './drafts.js';
import { comparedOfBand, saysTheSame, wordingOf } from './near-duplicate.js';
import { readPostings } from './postings.js';
import { failsIf } from './script.js';

/** An item that a draft repeats. */
export interface Known {
  readonly ordinal: number;
  readonly state: 'active' | 'retired';
  readonly repeats: number;
  readonly lastSeenAt: Date;
}

const columns = `ordinal, state, repeats, last_seen_at AS "lastSeenAt"`;

/** What there is of drafts already. */
export interface KnownTexts {
  /** By content key. */
  readonly same: ReadonlyMap<string, Known>;
  /** By the position of the draft. */
  readonly near: ReadonlyMap<number, Known>;
}

/** Items with the same content key, by that key. */
async function findSame(
  database: Queryable,
  scope: number,
  drafts: readonly Draft[],
): Promise<ReadonlyMap<string, Known>> {
  const rows = await database.query<Known & { contentKey: string }>(
    `SELECT content_key::text AS "contentKey", ${columns} FROM ${rowsOf('wanted', { key: '$2::uuid[]' })}
     CROSS JOIN LATERAL (SELECT * FROM items WHERE scope = $1 AND content_key = wanted.key OFFSET 0) AS i`,
    [scope, drafts.map((draft) => draft.contentKey)],
  );
  return new Map(rows.map((row) => [row.contentKey, row]));
}

interface Candidate extends Known {
  readonly text: string;
  readonly speaker: string | null;
}

/** For each draft by its position: the active episode that says nearly the same, if there is one. */
async function findNear(
  context: Context,
  database: Queryable,
  scope: number,
  drafts: readonly Draft[],
): Promise<ReadonlyMap<number, Known>> {
  const bands = [...new Set(drafts.flatMap((draft) => draft.bands))];
  if (bands.length === 0) return new Map();
  const lists = (await readPostings(database, [scope], bands)).get(scope);
  const ordinalsByBand = new Map(bands.map((band, b) => [band, lists?.get(b)?.ordinals ?? []]));
  const alike = drafts.map((draft) => [
    ...new Set(draft.bands.flatMap((band) => [...(ordinalsByBand.get(band)?.slice(-comparedOfBand) ?? [])])),
  ]);
  const ordinals = new Set(alike.flat());
  if (ordinals.size === 0) return new Map();
  const rows = await database.query<Candidate>(
    `SELECT ${columns}, text, speaker FROM ${rowsOf('wanted', { place: '$2::int4[]' })}
     CROSS JOIN LATERAL (SELECT * FROM items WHERE scope = $1 AND ordinal = wanted.place OFFSET 0) AS i WHERE state = 'active'`,
    [scope, [...ordinals]],
  );
  const owner = ownerOf(context, drafts[0]?.user ?? context.defaultUser);
  const candidates = new Map(
    await Promise.all(
      rows.map(async ({ text, speaker, ...known }) => {
        const wording = wordingOf(await context.cipher.open(text, owner), speaker ?? undefined);
        return [known.ordinal, { known, wording }] as const;
      }),
    ),
  );
  const near = new Map<number, Known>();
  for (const [position, { wording }] of drafts.entries()) {
    const found = alike[position]
      ?.flatMap((ordinal) => candidates.get(ordinal) ?? [])
      .find((candidate) => wording !== undefined && saysTheSame(candidate.wording, wording));
    if (found !== undefined) near.set(position, found.known);
  }
  return near;
}

export async function findKnown(
  context: Context,
  database: Queryable,
  scope: number,
  drafts: readonly Draft[],
): Promise<KnownTexts> {
  const [same, near] = await Promise.all([
    findSame(database, scope, drafts),
    findNear(context, database, scope, drafts),
  ]);
  return { same, near };
}

/** Fails where an item may say nearly the same as one of these drafts. */
export const noneNear = (scope: number, drafts: readonly Draft[]): readonly Statement[] => {
  const bands = drafts.flatMap((draft) => draft.bands);
  if (bands.length === 0) return [];
  const query = `SELECT FROM ${rowsOf('wanted', { band: '$2::int8[]' })}
     CROSS JOIN LATERAL (SELECT FROM postings WHERE scope = $1 AND term = wanted.band LIMIT 1) AS found`;
  return [failsIf(query, [scope, bands])];
};
