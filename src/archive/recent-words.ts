// Words of the items written last, item by item: written at once they cost one row, and settle in the inverted index many at a
// time, where words that items share are written once. Knows nothing of ranking.
import type { TermIds } from './analysis/term-ids.js';
import type { Queryable } from './database.js';
import { rowsOf } from './database.js';
import type { OpenScope } from './insert-items.js';
import type { FoundPostings, IndexedItem, PostingBlock, PostingList } from './postings.js';
import { addPostings, blockSize, decodeBlocks, encodePosting, listsOf, settledPostings } from './postings.js';

/**
 * When so many words of a scope are recent, each counted once an item, they settle: a part with each writing that comes next, so that
 * none takes long. A writing of more goes to the index at once. The first question to a user reads all that are recent.
 */
export const mostRecent = 8192;
/** By the upper bits of the id, which is a hash. */
const partBits = 3;
const allParts = 2 ** partBits;

/** Which words of a scope are where. */
export interface RecentState {
  /** Words of items below are in the index. */
  readonly indexed: number;
  /** Items below settle... */
  readonly settling: number;
  /** ...and so many parts of their words have. */
  readonly settledParts: number;
  /** How many words the items from `settling` on have, each counted once an item. */
  readonly recentTerms: number;
}

/** SQL: the state, of the row of a scope. */
export const recentStateColumns = `indexed, settling, settled_parts AS "settledParts", recent_terms AS "recentTerms"`;

/** The words of one item, as they are in the database. */
export interface RecentItem {
  readonly ordinal: number;
  /** Ids of terms: the upper half of each, and the lower half. */
  readonly upper: Int32Array;
  readonly lower: Int32Array;
  /** As in a block of the index: 4 bytes a term. */
  readonly postings: Uint8Array;
}

const hasRecent = ({ indexed, settling, recentTerms }: RecentState): boolean =>
  settling > indexed || recentTerms > 0;

/** The state after items were added, and what is to be done of it. */
interface Step {
  readonly after: RecentState;
  readonly settles: 'all' | 'parts' | 'nothing';
}

function nextStep(before: RecentState, nextOrdinal: number, terms: number): Step {
  const recentTerms = before.recentTerms + terms;
  if (terms > mostRecent) {
    const after = { indexed: nextOrdinal, settling: nextOrdinal, settledParts: 0, recentTerms: 0 };
    return { after, settles: 'all' };
  }
  const { indexed, settling, settledParts } = before;
  if (settling > indexed) {
    // More where more is added meanwhile.
    const step = Math.max(1, Math.ceil((allParts * terms) / mostRecent));
    const done = Math.min(allParts, settledParts + step);
    const isDone = done === allParts;
    const after = {
      indexed: isDone ? settling : indexed,
      settling,
      settledParts: isDone ? 0 : done,
      recentTerms,
    };
    return { after, settles: 'parts' };
  }
  const begins = recentTerms > mostRecent;
  const after = begins
    ? { indexed, settling: nextOrdinal, settledParts, recentTerms: 0 }
    : { indexed, settling, settledParts, recentTerms };
  return { after, settles: 'nothing' };
}

/**
 * Adds the words of new items, whose ordinals are below `open.nextOrdinal` now and must be higher than all in the index. Sets
 * `open.recent` before it writes, so that the row of the scope can be written along.
 */
export async function addWords(open: OpenScope, items: readonly IndexedItem[], ids: TermIds): Promise<void> {
  const { transaction, scope, recent: before } = open;
  const terms = items.reduce((sum, { analysis }) => sum + analysis.terms.size, 0);
  const { after, settles } = nextStep(before, open.nextOrdinal, terms);
  open.recent = after;
  await Promise.all(
    settles === 'all'
      ? [
          hasRecent(before) ? settleAll(transaction, scope, before) : undefined,
          addPostings(transaction, scope, items, ids),
        ]
      : [
          insertRecent(transaction, scope, items, ids),
          // Looked up by every writing, and shared by none: they would gain nothing.
          addPostings(transaction, scope, items.map(extraAlone), ids),
          settles === 'parts' ? settleParts(transaction, scope, before, after) : undefined,
        ],
  );
}

const noTerms: ReadonlyMap<string, number> = new Map();

const extraAlone = ({ analysis, ...item }: IndexedItem): IndexedItem => ({
  ...item,
  analysis: { ...analysis, terms: noTerms },
});

async function insertRecent(
  transaction: Queryable,
  scope: number,
  items: readonly IndexedItem[],
  ids: TermIds,
): Promise<void> {
  const rows = items
    .filter(({ analysis }) => analysis.terms.size > 0)
    .map(({ ordinal, analysis: { terms, length } }) => ({
      ordinal,
      terms: `{${[...terms.keys()].map((term) => ids.idOf(term)).join(',')}}`,
      postings: [...terms.values()].map((frequency) => encodePosting(ordinal, frequency, length)).join(''),
    }));
  if (rows.length === 0) return;
  await transaction.query(
    `INSERT INTO recent_words (scope, ordinal, terms, postings)
     SELECT $1, written.ordinal, written.terms::int8[], decode(written.postings, 'hex')
     FROM unnest($2::int4[], $3::text[], $4::text[]) AS written (ordinal, terms, postings)`,
    [
      scope,
      rows.map(({ ordinal }) => ordinal),
      rows.map(({ terms }) => terms),
      rows.map(({ postings }) => postings),
    ],
  );
}

/** The posting of the term that stands at place `n` of a row `r`. */
const postingAt = (n: string): string => `substring(r.postings FROM 4 * ${n}::int4 - 3 FOR 4)`;

/** SQL: which part of the words a term belongs to; `hasSettled` tells the same of the upper half of its id. */
const partOf = (term: string): string => `(${term} >> ${64 - partBits} & ${allParts - 1})`;

/** SQL: adds the words of rows `r` to the index. @param which of them, a condition on `r.ordinal` and `word.term` */
const settled = (rows: string, which: string): string =>
  `INSERT INTO postings (scope, term, block, data)
   SELECT $1, word.term, r.ordinal / ${blockSize}, string_agg(${postingAt('word.n')}, ''::bytea ORDER BY r.ordinal)
   FROM ${rows} CROSS JOIN LATERAL unnest(r.terms) WITH ORDINALITY AS word (term, n) WHERE ${which}
   GROUP BY word.term, r.ordinal / ${blockSize}
   ON CONFLICT (scope, term, block) DO UPDATE SET data = postings.data || EXCLUDED.data`;

/** SQL: whether a word of a row `r` has not settled. */
const isRecent = (settling: string, settledParts: string): string =>
  `(r.ordinal >= ${settling} OR ${partOf('word.term')} >= ${settledParts})`;

/** Moves all that is recent to the index. */
async function settleAll(
  transaction: Queryable,
  scope: number,
  { settling, settledParts }: RecentState,
): Promise<void> {
  await transaction.query(
    `WITH r AS (DELETE FROM recent_words WHERE scope = $1 RETURNING ordinal, terms, postings)
     ${settled('r', isRecent('$2::int4', '$3::int4'))}`,
    [scope, settling, settledParts],
  );
}

/** Moves the parts to the index by which two states differ. */
async function settleParts(
  transaction: Queryable,
  scope: number,
  { settling, settledParts }: RecentState,
  after: RecentState,
): Promise<void> {
  const isDone = after.indexed === settling;
  await Promise.all([
    transaction.query(
      settled(
        'recent_words r',
        `r.scope = $1 AND r.ordinal < $2::int4 AND ${partOf('word.term')} >= $3::int4 AND ${partOf('word.term')} < $4::int4`,
      ),
      [scope, settling, settledParts, isDone ? allParts : after.settledParts],
    ),
    isDone &&
      transaction.query('DELETE FROM recent_words WHERE scope = $1 AND ordinal < $2', [scope, settling]),
  ]);
}

const bytesOf = { ordinal: 4, count: 4, length: 4, term: 8, posting: 4, headOfArray: 20 };

/** SQL: the words of rows of `recent_words`, in one piece: `unpackRecent` reads it. */
export const packedRecent = `string_agg(
  int4send(ordinal) || int4send(cardinality(terms)) || substring(array_send(terms) FROM ${bytesOf.headOfArray + 1}) || postings,
  ''::bytea ORDER BY ordinal)`;

/** Reads what `packedRecent` gives; nothing of `null`. Each term follows its length, as PostgreSQL sends arrays. */
export function unpackRecent(packed: Uint8Array | null): readonly RecentItem[] {
  const items: RecentItem[] = [];
  if (packed === null) return items;
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  for (let at = 0; at < packed.length;) {
    const ordinal = view.getInt32(at);
    const count = view.getInt32(at + bytesOf.ordinal);
    at += bytesOf.ordinal + bytesOf.count;
    const [upper, lower] = [new Int32Array(count), new Int32Array(count)];
    for (let n = 0; n < count; n++, at += bytesOf.length + bytesOf.term) {
      upper[n] = view.getInt32(at + bytesOf.length);
      lower[n] = view.getInt32(at + bytesOf.length + 4);
    }
    items.push({ ordinal, upper, lower, postings: packed.slice(at, (at += bytesOf.posting * count)) });
  }
  return items;
}

/** The items of a scope of whose words some have not settled. */
export async function readRecent(database: Queryable, scope: number): Promise<readonly RecentItem[]> {
  const [row] = await database.query<{ packed: Uint8Array | null }>(
    `SELECT ${packedRecent} AS packed FROM recent_words WHERE scope = $1`,
    [scope],
  );
  return unpackRecent(row?.packed ?? null);
}

type Settled = Pick<RecentState, 'settling' | 'settledParts'>;

/** Whether a word of an item has settled. @param upper half of the term's id */
const hasSettled = (ordinal: number, upper: number, { settling, settledParts }: Settled): boolean =>
  ordinal < settling && upper >>> (32 - partBits) < settledParts;

/** The terms of an item that have not settled, each with the list that has this item alone. */
export function* postingsOf(
  item: RecentItem,
  state: Settled,
): Generator<{ readonly term: string; readonly list: PostingList }> {
  const { ordinal, upper, lower } = item;
  for (let n = 0; n < upper.length; n++) {
    if (hasSettled(ordinal, upper[n] ?? 0, state)) continue;
    const term = ((BigInt(upper[n] ?? 0) << 32n) | BigInt((lower[n] ?? 0) >>> 0)).toString();
    yield { term, list: decodeBlocks([blockOf(item, n)]) };
  }
}

/** Bytes that an item takes in memory. */
export const bytesOfRecent = ({ upper, lower, postings }: RecentItem): number =>
  300 + upper.byteLength + lower.byteLength + postings.byteLength;

/** @param n which of the terms */
const blockOf = ({ ordinal, postings }: RecentItem, n: number): PostingBlock => ({
  block: Math.floor(ordinal / blockSize),
  data: postings.subarray(bytesOf.posting * n, bytesOf.posting * (n + 1)),
});

/** Which of the items, in rising order, have a term that has not settled. */
export function recentPostings(items: readonly RecentItem[], term: string, state: Settled): PostingList {
  const id = BigInt(term);
  const [above, below] = [Number(BigInt.asIntN(32, id >> 32n)), Number(BigInt.asIntN(32, id))];
  const blocks = items.flatMap((item) => {
    if (hasSettled(item.ordinal, above, state)) return [];
    // Found by its lower half, which hardly two terms share.
    let n = item.lower.indexOf(below);
    while (n >= 0 && item.upper[n] !== above) n = item.lower.indexOf(below, n + 1);
    return n < 0 ? [] : [blockOf(item, n)];
  });
  return decodeBlocks(blocks);
}

/** For each scope, the posting list of each word by its position in `words`, settled and recent; a word nobody used is absent. */
export async function readWords(
  database: Queryable,
  scopes: readonly number[],
  words: readonly string[],
): Promise<ReadonlyMap<number, ReadonlyMap<number, PostingList>>> {
  if (words.length === 0) return new Map();
  const rows = await database.query<FoundPostings>(
    `SELECT n, scope, blocks, sizes, data FROM (
       SELECT 0 AS part, settled.* FROM (${settledPostings}) AS settled
       UNION ALL
       SELECT 1, q.n::int4, r.scope, array_agg(r.ordinal / ${blockSize} ORDER BY r.ordinal), array_agg(4),
         string_agg(${postingAt('word.n')}, ''::bytea ORDER BY r.ordinal)
       FROM ${rowsOf('wanted', { scope: '$1::int4[]' })}
       JOIN scopes s ON s.scope = wanted.scope JOIN recent_words r ON r.scope = s.scope
       CROSS JOIN LATERAL unnest(r.terms) WITH ORDINALITY AS word (term, n)
       JOIN (SELECT term, n FROM ${rowsOf('q', { term: '$2::int8[]' }, { numbered: 'n' })}) AS q ON q.term = word.term
       WHERE ${isRecent('s.settling', 's.settled_parts')}
       GROUP BY q.n, r.scope) AS found
     ORDER BY part`,
    [scopes, words],
  );
  return listsOf(scopes, rows);
}
