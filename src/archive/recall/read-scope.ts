// Reads what a question must know of a user: one statement tells whether what is held of the user holds, and what is new.
import { BoundedMap } from '../../core/bounded-map.js';
import type { Context } from '../context.js';
import type { Database } from '../database.js';
import { groupBy } from '../group.js';
import type { PackedBlocks } from '../postings.js';
import { unpackBlocks } from '../postings.js';
import { packedRecent, unpackRecent } from '../recent-words.js';
import type { Scope } from '../scope.js';
import type { Asked, ScopeNews, WordLists } from './held-scope.js';
import { HeldScope } from './held-scope.js';
import { packedTraits, unpackTraits } from './item-traits.js';
import type { FullItem } from './results.js';

export interface ScopeReading {
  readonly scope: Scope;
  readonly words: WordLists;
  /** Present where the traits of all items are in memory. */
  readonly held?: HeldScope;
  /** Reads in the background, page by page, what a later question would find in memory. To be called when all is answered. */
  readonly holdMore: () => void;
}

/** So many new items are read along with a question; more are read in the background. */
const readAlong = 1024;
const mostUsers = 10_000;
/** Of what is held, the words of one user may take so much, and so may the items. */
const shareOfOne = 1 / 3;

/** What is held of the users of a database: archives on the same one share it. */
const heldByDatabase = new WeakMap<Database, BoundedMap<HeldScope>>();

function heldIn(database: Database): BoundedMap<HeldScope> {
  const known =
    heldByDatabase.get(database) ??
    new BoundedMap<HeldScope>({ entries: mostUsers, bytes: database.cache.traits });
  heldByDatabase.set(database, known);
  return known;
}

const keyOf = (tenant: string, user: string): string => JSON.stringify([tenant, user]);

/** The number of a user's scope, where something is held of it. */
export const scopeHeld = ({ database, tenant }: Context, user: string): number | undefined =>
  heldIn(database).get(keyOf(tenant, user))?.scope;

/**
 * To be called before something is written of a user.
 *
 * @returns holds items as they were written then, where something of the user is held
 */
export function holderOfWritten(
  { database, tenant }: Context,
  user: string,
): (items: readonly FullItem[]) => void {
  const held = heldIn(database).get(keyOf(tenant, user));
  if (held === undefined) return () => undefined;
  const { moment } = held;
  return (items) => held.holdItems(items, moment);
}

/** Lets go of what is held of a scope. */
export function dropHeldScope(database: Database, scope: number): void {
  heldByDatabase.get(database)?.deleteWhere((_, held) => held.scope === scope);
}

interface Row extends Scope, Omit<PackedBlocks, 'data'> {
  readonly revision: number;
  readonly change: number;
  readonly until: number;
  readonly traits: string | null;
  readonly changed: readonly number[] | null;
  readonly words: readonly number[];
  readonly data: Uint8Array;
  readonly recent: Uint8Array | null;
}

/**
 * Takes tenant and user; the ordinal below which traits are held, and the entry of the history; words, and the first block
 * asked for of each; how many items to look at, and whether even where there are more; the ordinal from which on an episode may
 * confirm a fact that is held; of recent words the first item. `OFFSET 0` keeps the planner from looking at the values: planning
 * anew for each question takes as long as answering it.
 */
const statement = `
  SELECT s.scope, s.user_name AS "user", s.next_ordinal AS "nextOrdinal", s.item_count AS "itemCount",
    s.total_length::float8 AS "totalLength", s.indexed, s.settling, s.settled_parts AS "settledParts",
    s.recent_terms AS "recentTerms", s.revision, reach.until, postings.*,
    (SELECT ${packedRecent} FROM recent_words
     WHERE scope = s.scope AND ordinal >= greatest(s.indexed, known.recent)) AS recent,
    coalesce((SELECT max(entry) FROM history WHERE scope = s.scope AND action <> 'remember'), 0)::float8 AS change,
    (SELECT ${packedTraits} FROM (
       SELECT * FROM (
         SELECT * FROM items WHERE scope = s.scope AND ordinal >= known.held AND ordinal < reach.until OFFSET 0) AS added
       UNION ALL
       SELECT again.* FROM (
         SELECT DISTINCT ordinal FROM history
         WHERE scope = s.scope AND action <> 'remember' AND entry > known.change AND ordinal < known.held) AS changed
       CROSS JOIN LATERAL (
         SELECT * FROM items WHERE scope = s.scope AND ordinal = changed.ordinal OFFSET 0) AS again) AS i) AS traits,
    (SELECT array_agg(DISTINCT ordinal) FROM (
       SELECT ordinal FROM history
       WHERE known.items IS NOT NULL AND scope = s.scope AND action <> 'remember' AND entry > known.change
       UNION ALL
       SELECT ordinal FROM sources WHERE scope = s.scope AND source >= known.items AND ordinal < source) AS i) AS changed
  FROM (
    SELECT $3::int4 AS held, $4::int8 AS change, $5::int8[] AS terms, $6::int4[] AS firsts, $7::int4 AS page,
      $8::boolean AS anyway, $9::int4 AS items, $10::int4 AS recent OFFSET 0) AS known
  CROSS JOIN scopes s
  CROSS JOIN LATERAL (
    SELECT CASE WHEN known.anyway OR s.next_ordinal - known.held <= known.page
      THEN least(s.next_ordinal, known.held + known.page) ELSE known.held END AS until) AS reach
  CROSS JOIN LATERAL (
    -- In the order in which the index yields them: sorting them again costs more than reading them.
    SELECT coalesce(array_agg(asked.n::int4), '{}') AS words, coalesce(array_agg(block), '{}') AS blocks,
      coalesce(array_agg(octet_length(data)), '{}') AS sizes, coalesce(string_agg(data, ''::bytea), '') AS data
    FROM unnest(known.terms, known.firsts) WITH ORDINALITY AS asked (term, first, n)
    CROSS JOIN LATERAL (
      SELECT block, data FROM postings WHERE scope = s.scope AND term = asked.term AND block >= asked.first
      ORDER BY block OFFSET 0) AS found) AS postings
  WHERE s.tenant = $1 AND s.user_name = $2`;

interface Asking {
  readonly user: string;
  readonly held: HeldScope | undefined;
  readonly asked: Asked;
  readonly page?: boolean;
}

interface Told {
  readonly row: Row;
  readonly news: ScopeNews;
}

async function ask(
  { database, tenant }: Context,
  { user, held, asked: { words, recentFrom }, page = false }: Asking,
): Promise<Told | undefined> {
  const itemsAsOf = held?.itemsAsOf;
  const rows = await database.query<Row>(statement, [
    tenant,
    user,
    held?.held ?? 0,
    held?.change ?? 0,
    words.map(({ term }) => term),
    words.map(({ firstBlock }) => firstBlock),
    readAlong,
    page,
    itemsAsOf ?? null,
    recentFrom,
  ]);
  const [row] = rows;
  return row && { row, news: newsOf(row, itemsAsOf !== undefined) };
}

const nothingHeld = new HeldScope(0, 0, 0);

const holds = (held: HeldScope, { scope, revision }: Row): boolean =>
  held.scope === scope && held.revision === revision;

/** @param items whether what changed of items was asked for */
function newsOf(row: Row, items: boolean): ScopeNews {
  const { nextOrdinal, indexed, settling, settledParts, change, until, words } = row;
  const found = unpackBlocks(row).map(({ block, data }, i) => ({ block, data, word: (words[i] ?? 0) - 1 }));
  const blocks = groupBy(found, ({ word }) => word);
  return {
    nextOrdinal,
    change,
    until,
    traits: unpackTraits(row.traits),
    changed: items ? (row.changed ?? []) : undefined,
    blocks,
    indexed,
    settling,
    settledParts,
    recent: unpackRecent(row.recent),
  };
}

/**
 * @param user a name that was checked
 * @returns `undefined` where nothing was ever held of the user
 */
export async function readScope(
  context: Context,
  user: string,
  terms: readonly string[],
): Promise<ScopeReading | undefined> {
  const memory = heldIn(context.database);
  const key = keyOf(context.tenant, user);
  const known = memory.get(key);
  const asked = (known ?? nothingHeld).askFor(terms);
  const told = await ask(context, { user, held: known, asked });
  if (told === undefined) {
    memory.delete(key);
    return undefined;
  }
  const { row, news } = told;
  if (known !== undefined && !holds(known, row)) {
    if (memory.get(key) === known) memory.delete(key);
    return readScope(context, user, terms);
  }
  const held = known ?? new HeldScope(row.scope, row.revision, shareOfOne * context.database.cache.traits);
  const lists = held.take(news, asked);
  memory.set(key, held, held.heldBytes);
  return {
    scope: row,
    words: lists,
    ...(held.isWhole && { held }),
    holdMore() {
      void loadRest(context, user, held).then((isWhole) => {
        if (isWhole && memory.get(key) === held) memory.set(key, held, held.heldBytes);
      });
    },
  };
}

const loading = new WeakSet<HeldScope>();

/** Page by page, others may ask between. @returns whether all of it is held now: what fails is tried again with the next question */
async function loadRest(context: Context, user: string, held: HeldScope): Promise<boolean> {
  if (held.isWhole || loading.has(held)) return false;
  loading.add(held);
  try {
    while (!held.isWhole) {
      const asked = held.askFor([]);
      const told = await ask(context, { user, held, asked, page: true });
      if (told === undefined || !holds(held, told.row)) return false;
      held.take(told.news, asked);
    }
    return true;
  } catch {
    return false;
  } finally {
    loading.delete(held);
  }
}
