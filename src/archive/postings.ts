// The inverted index: which items contain a term, how often, and how long they are. Knows nothing of ranking.
import type { Analysis } from './analysis/analyzer.js';
import type { TermIds } from './analysis/term-ids.js';
import type { Queryable } from './database.js';
import { rowsOf } from './database.js';
import { groupBy } from './group.js';

/** Ordinals per block. A block row holds its items in rising order, 4 bytes each: offset and frequency, then length. */
export const blockSize = 1024;
const maxFrequency = 63;
const maxLength = 0xffff;

/** An item as the index sees it. `extra` holds ids that are looked up but never scored, such as near-duplicate bands. */
export interface IndexedItem {
  readonly ordinal: number;
  readonly analysis: Analysis;
  readonly extra: readonly string[];
}

/** The items of one scope that contain one term; three parallel arrays in rising order of ordinals. */
export interface PostingList {
  readonly ordinals: Uint32Array;
  readonly frequencies: Uint8Array;
  readonly lengths: Uint16Array;
}

const hex = (halfWord: number): string =>
  ((halfWord & 0xff) * 0x100 + (halfWord >> 8)).toString(16).padStart(4, '0');

/** @returns hexadecimal */
export function encodePosting(ordinal: number, frequency: number, length: number): string {
  const head = (ordinal % blockSize) | (Math.min(frequency, maxFrequency) << 10);
  return hex(head) + hex(Math.min(length, maxLength));
}

/** Blocks as they are written: hexadecimal, put together from items, those of a term side by side. */
export class NewPostings {
  readonly #ids: TermIds;
  readonly #blocks = new Map<string, Map<number, string>>();

  constructor(ids: TermIds) {
    this.#ids = ids;
  }

  /** @param item of a higher ordinal than those before it */
  add({ ordinal, analysis, extra }: IndexedItem): void {
    for (const [term, frequency] of analysis.terms)
      this.#append(this.#ids.idOf(term), ordinal, encodePosting(ordinal, frequency, analysis.length));
    for (const term of extra) this.#append(term, ordinal, encodePosting(ordinal, 1, analysis.length));
  }

  #append(term: string, ordinal: number, posting: string): void {
    const block = Math.floor(ordinal / blockSize);
    const ofTerm = this.#blocks.get(term);
    if (ofTerm === undefined) this.#blocks.set(term, new Map([[block, posting]]));
    else ofTerm.set(block, (ofTerm.get(block) ?? '') + posting);
  }

  *rows(): Generator<WrittenBlock> {
    for (const [term, blocks] of this.#blocks)
      for (const [block, data] of blocks) yield { term, block, data };
  }
}

/** Adds items, whose ordinals must be higher than all in the index, to the postings of their terms. */
export async function addPostings(
  transaction: Queryable,
  scope: number,
  items: readonly IndexedItem[],
  ids: TermIds,
): Promise<void> {
  const postings = new NewPostings(ids);
  for (const item of items) postings.add(item);
  await writeBlocks(transaction, scope, [...postings.rows()], 'postings.data || EXCLUDED.data');
}

/** Rows of one statement. */
const rowsAtOnce = 10_000;

/**
 * Writes blocks of which nothing is in the index yet. Those of a term come to lie side by side: what a question reads of a word
 * is on few pages.
 */
export async function writePostings(
  transaction: Queryable,
  scope: number,
  postings: NewPostings,
): Promise<void> {
  const rows = [...postings.rows()];
  for (let from = 0; from < rows.length; from += rowsAtOnce)
    await writeBlocks(transaction, scope, rows.slice(from, from + rowsAtOnce), 'EXCLUDED.data');
}

interface WrittenBlock {
  readonly term: string;
  readonly block: number;
  /** Hexadecimal. */
  readonly data: string;
}

/** @param becomes what a block that is there becomes, as SQL */
async function writeBlocks(
  transaction: Queryable,
  scope: number,
  blocks: readonly WrittenBlock[],
  becomes: 'postings.data || EXCLUDED.data' | 'EXCLUDED.data',
): Promise<void> {
  if (blocks.length === 0) return;
  await transaction.query(
    `INSERT INTO postings (scope, term, block, data)
     SELECT $1, written.term, written.block, decode(written.data, 'hex')
     FROM unnest($2::int8[], $3::int4[], $4::text[]) AS written (term, block, data)
     ON CONFLICT (scope, term, block) DO UPDATE SET data = ${becomes}`,
    [scope, blocks.map(({ term }) => term), blocks.map(({ block }) => block), blocks.map(({ data }) => data)],
  );
}

/** What the index holds of one term in one block. */
export interface PostingBlock {
  readonly block: number;
  readonly data: Uint8Array;
}

/** Blocks that came in one piece: their numbers, and how many bytes of it each takes. */
export interface PackedBlocks {
  readonly blocks: readonly number[];
  readonly sizes: readonly number[];
  readonly data: Uint8Array;
}

export function unpackBlocks({ blocks, sizes, data }: PackedBlocks): readonly PostingBlock[] {
  let end = 0;
  return blocks.map((block, b) => {
    const start = end;
    end += sizes[b] ?? 0;
    return { block, data: data.subarray(start, end) };
  });
}

/** @param blocks of one term, rising */
export function decodeBlocks(blocks: readonly PostingBlock[]): PostingList {
  const count = blocks.reduce((sum, { data }) => sum + data.length / 4, 0);
  const ordinals = new Uint32Array(count);
  const frequencies = new Uint8Array(count);
  const lengths = new Uint16Array(count);
  let at = 0;
  for (const { block, data } of blocks) {
    const base = block * blockSize;
    for (let byte = 0; byte < data.length; byte += 4, at++) {
      const high = data[byte + 1] ?? 0;
      ordinals[at] = base + ((data[byte] ?? 0) | ((high & 3) << 8));
      frequencies[at] = high >> 2;
      lengths[at] = (data[byte + 2] ?? 0) | ((data[byte + 3] ?? 0) << 8);
    }
  }
  return { ordinals, frequencies, lengths };
}

/** SQL: for each scope of $1 and each term of $2, by its position, the blocks of the index. */
export const settledPostings = `SELECT q.n::int4 AS n, wanted.scope, p.*
   FROM ${rowsOf('q', { term: '$2::int8[]' }, { numbered: 'n' })}
   CROSS JOIN ${rowsOf('wanted', { scope: '$1::int4[]' })}
   CROSS JOIN LATERAL (
     -- Aggregated as the index yields them: sorting them again costs more than reading them.
     SELECT array_agg(block) AS blocks, array_agg(octet_length(data)) AS sizes, string_agg(data, ''::bytea) AS data
     FROM (SELECT block, data FROM postings WHERE scope = wanted.scope AND term = q.term ORDER BY block) AS block
   ) AS p WHERE p.blocks IS NOT NULL`;

/** A row of `settledPostings`. */
export interface FoundPostings extends PackedBlocks {
  readonly n: number;
  readonly scope: number;
}

/**
 * Rows as lists, by scope and by the position of the term, rising, so that scores are summed up in one order. Of two rows of a term
 * the second has the higher ordinals.
 */
export function listsOf(
  scopes: readonly number[],
  rows: readonly FoundPostings[],
): ReadonlyMap<number, ReadonlyMap<number, PostingList>> {
  const lists = new Map<number, Map<number, PostingList>>(scopes.map((scope) => [scope, new Map()]));
  const byTerm = [...groupBy(rows, ({ n }) => n)].sort(([a], [b]) => a - b);
  for (const [n, ofTerm] of byTerm)
    for (const [scope, found] of groupBy(ofTerm, (row) => row.scope))
      lists.get(scope)?.set(n - 1, decodeBlocks(found.flatMap(unpackBlocks)));
  return lists;
}

/** For each scope, the posting list of each term by its position in `terms`; a term nobody used is absent. Of words only what has settled. */
export async function readPostings(
  database: Queryable,
  scopes: readonly number[],
  terms: readonly string[],
): Promise<ReadonlyMap<number, ReadonlyMap<number, PostingList>>> {
  return listsOf(scopes, await database.query<FoundPostings>(settledPostings, [scopes, terms]));
}

/** Every block of a scope's index, in order of terms. */
export async function* readAllPostings(
  database: Queryable,
  scope: number,
): AsyncGenerator<{ readonly term: string; readonly list: PostingList }> {
  let after: readonly [term: string, block: number] = ['-9223372036854775808', -1];
  for (;;) {
    const rows = await database.query<{ term: string; block: number; data: Uint8Array }>(
      `SELECT term::text AS term, block, data FROM postings
       WHERE scope = $1 AND (term, block) > ($2::int8, $3::int4) ORDER BY postings.term, block LIMIT 2000`,
      [scope, ...after],
    );
    for (const { term, block, data } of rows) yield { term, list: decodeBlocks([{ block, data }]) };
    const last = rows.at(-1);
    if (last === undefined) return;
    after = [last.term, last.block];
  }
}

/** Takes items out of the postings of their terms. */
export async function removePostings(
  transaction: Queryable,
  scope: number,
  items: readonly IndexedItem[],
  ids: TermIds,
): Promise<void> {
  const terms = new Set(
    items.flatMap((item) => [
      ...[...item.analysis.terms.keys()].map((term) => ids.idOf(term)),
      ...item.extra,
    ]),
  );
  const blocks = new Set(items.map((item) => Math.floor(item.ordinal / blockSize)));
  const gone = new Set(items.map((item) => item.ordinal));
  const rows = await transaction.query<{ term: string; block: number; data: Uint8Array }>(
    `SELECT term::text AS term, block, data FROM postings
     WHERE scope = $1 AND term = ANY ($2::int8[]) AND block = ANY ($3::int4[])`,
    [scope, [...terms], [...blocks]],
  );
  const kept = rows.map(({ term, block, data }) => {
    const { ordinals, frequencies, lengths } = decodeBlocks([{ block, data }]);
    const postings: string[] = [];
    for (const [i, ordinal] of ordinals.entries())
      if (!gone.has(ordinal)) postings.push(encodePosting(ordinal, frequencies[i] ?? 0, lengths[i] ?? 0));
    return { term, block, data: postings.join('') };
  });
  await writeBlocks(transaction, scope, kept, 'EXCLUDED.data');
  await transaction.query(
    `DELETE FROM postings WHERE scope = $1 AND term = ANY ($2::int8[]) AND block = ANY ($3::int4[]) AND data = ''::bytea`,
    [scope, [...terms], [...blocks]],
  );
}
