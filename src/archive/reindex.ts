// Makes the indexes again from the texts: words per user in one transaction each, vectors beside the old ones until complete.
import { analyzerVersion } from './analysis/version.js';
import type { Context } from './context.js';
import { ownerOf } from './context.js';
import type { Database, Queryable } from './database.js';
import { embedPassages, indexedText } from './drafts.js';
import type { Embedder } from './embedder.js';
import { indexedItem } from './erase.js';
import type { IndexedItem } from './postings.js';
import { blockSize, NewPostings, writePostings } from './postings.js';
import type { LongWork } from './progress.js';
import { reportProgress } from './progress.js';
import { dropHeldCodes } from './recall/held-codes.js';
import type { Place } from './scope.js';
import { listScopes, lockScope } from './scope.js';
import type { ItemKind } from './types.js';
import type { NewVectorStorage, VectorIndex } from './vector-index.js';
import {
  addVectors,
  buildSearch,
  createVectorIndex,
  findUnfinishedIndex,
  newVectorStorage,
  publishVectorIndex,
  tableOf,
} from './vector-index.js';

const pageSize = 500;
/** Whole blocks whose postings are put together in memory, some 50 MB, before they are written in order of their terms. */
const itemsOfRun = 32 * blockSize;

interface Row {
  readonly scope: number;
  readonly ordinal: number;
  readonly kind: ItemKind;
  readonly speaker: string | null;
  readonly text: string;
}

/** Rebuilds the full-text index of every user of the tenant. */
export async function reindexWords(context: Context, work: LongWork = {}): Promise<void> {
  const scopes = await listScopes(context.database, context.tenant);
  const total = scopes.reduce((sum, { itemCount }) => sum + itemCount, 0);
  let done = 0;
  for (const { user } of scopes)
    await context.database.transaction(async (transaction) => {
      const { scope } = await lockScope(transaction, context.tenant, user);
      for (const table of ['postings', 'recent_words'])
        await transaction.query(`DELETE FROM ${table} WHERE scope = $1`, [scope]);
      let postings = new NewPostings(context.ids);
      let run = 0;
      for await (const rows of pagesOf(transaction, scope)) {
        for (const item of await analyzeRows(context, transaction, scope, user, rows)) {
          const runOfItem = Math.floor(item.ordinal / itemsOfRun);
          if (runOfItem > run) {
            await writePostings(transaction, scope, postings);
            [postings, run] = [new NewPostings(context.ids), runOfItem];
          }
          postings.add(item);
        }
        done += rows.length;
        reportProgress(work, { phase: 'words', done, total: Math.max(total, done) });
      }
      await writePostings(transaction, scope, postings);
      await transaction.query(
        `UPDATE scopes s SET item_count = c.items, total_length = c.length, analyzer = $2, indexed = next_ordinal, settling = next_ordinal,
           settled_parts = 0, recent_terms = 0,
           revision = revision + 1
         FROM (SELECT count(*)::int4 AS items, coalesce(sum(length), 0) AS length FROM items WHERE scope = $1) AS c WHERE s.scope = $1`,
        [scope, analyzerVersion],
      );
    });
}

async function* pagesOf(transaction: Queryable, scope: number): AsyncGenerator<readonly Row[]> {
  for (let after = -1; ;) {
    const rows = await transaction.query<Row>(
      'SELECT scope, ordinal, kind, speaker, text FROM items WHERE scope = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3',
      [scope, after, pageSize],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = last.ordinal;
  }
}

/** The items as the index sees them. Their lengths are stored. */
async function analyzeRows(
  context: Context,
  transaction: Queryable,
  scope: number,
  user: string,
  rows: readonly Row[],
): Promise<readonly IndexedItem[]> {
  const owner = ownerOf(context, user);
  const items = await Promise.all(
    rows.map(async (row) => indexedItem(context, row, await context.cipher.open(row.text, owner))),
  );
  await transaction.query(
    `UPDATE items i SET length = l.length FROM unnest($2::int4[], $3::int4[]) AS l (ordinal, length)
     WHERE i.scope = $1 AND i.ordinal = l.ordinal AND i.length <> l.length`,
    [scope, items.map(({ ordinal }) => ordinal), items.map(({ analysis }) => analysis.length)],
  );
  return items;
}

type OwnedRow = Row & { readonly tenant: string; readonly user: string };

const beforeAll: Place = { scope: -1, ordinal: -1 };

/**
 * Items of any tenant behind a place that have no vector in the index yet, in order. The place stands on both sides, so that
 * neither table is read from its beginning.
 */
function withoutVector(
  database: Queryable,
  index: VectorIndex,
  { scope, ordinal }: Place,
): Promise<readonly OwnedRow[]> {
  return database.query<OwnedRow>(
    `SELECT i.scope, i.ordinal, i.kind, i.speaker, i.text, s.tenant, s.user_name AS "user"
     FROM items i JOIN scopes s USING (scope)
     WHERE (i.scope, i.ordinal) > ($2::int4, $3::int4) AND NOT EXISTS (
       SELECT FROM ${tableOf(index)} v
       WHERE (v.scope, v.ordinal) > ($2::int4, $3::int4) AND v.scope = i.scope AND v.ordinal = i.ordinal)
     ORDER BY i.scope, i.ordinal LIMIT $1`,
    [pageSize, scope, ordinal],
  );
}

/** Pages of what has no vector, over and over until nothing is left: meanwhile something may be written of anybody. */
async function* pagesWithoutVector(
  database: Queryable,
  index: VectorIndex,
): AsyncGenerator<readonly OwnedRow[]> {
  for (let after = beforeAll; ;) {
    const rows = await withoutVector(database, index, after);
    if (rows.length > 0) yield rows;
    else if (after === beforeAll) return;
    after = rows.at(-1) ?? beforeAll;
  }
}

/** Embeds what has no vector until nothing is left; what was written meanwhile is found too. Returns the number of vectors. */
async function fillIndex(
  context: Context,
  database: Queryable,
  index: VectorIndex,
  work: LongWork,
): Promise<number> {
  const [counted] = await database.query<{ n: number }>('SELECT count(*)::int4 AS n FROM items');
  const [filled] = await database.query<{ n: number }>(`SELECT count(*)::int4 AS n FROM ${tableOf(index)}`);
  let done = filled?.n ?? 0;
  for await (const rows of pagesWithoutVector(database, index)) {
    const texts = await Promise.all(
      rows.map(async (row) =>
        indexedText({
          text: await context.cipher.open(row.text, ownerOf({ tenant: row.tenant }, row.user)),
          speaker: row.speaker ?? undefined,
        }),
      ),
    );
    const embeddings = await embedPassages(context, texts);
    await addVectors(
      database,
      index,
      rows.flatMap(({ scope, ordinal }, i) => {
        const embedding = embeddings[i];
        return embedding === undefined ? [] : [{ scope, ordinal, embedding }];
      }),
    );
    done += rows.length;
    reportProgress(work, { phase: 'vectors', done, total: Math.max(done, counted?.n ?? 0) });
  }
  return done;
}

/** Embeds what the index in use lacks, as when items were written without an embedder. */
export async function fillVectors(context: Context, work: LongWork = {}): Promise<void> {
  const { database, vectors } = context;
  if (vectors === undefined) return;
  await fillIndex(context, database, vectors, work).finally(() => dropHeldCodes(database));
}

/**
 * Gives every item of every tenant a vector of `embedder`, in a new index that replaces the old when it is complete.
 * Interrupted, it leaves the old index in use, and goes on where it stopped when it is called again with that embedder.
 *
 * @returns the index now in use
 */
export async function reindexVectors(
  context: Context,
  {
    embedder,
    vectorStorage,
  }: { readonly embedder: Embedder; readonly vectorStorage: NewVectorStorage | undefined },
  work: LongWork = {},
): Promise<VectorIndex> {
  const database: Database = context.database;
  const storage = await newVectorStorage(database, vectorStorage);
  const index =
    (await findUnfinishedIndex(database, embedder, storage)) ??
    (await database.transaction((transaction) => createVectorIndex(transaction, embedder, storage)));
  const withEmbedder: Context = { ...context, embedder, vectors: index };
  const items = await fillIndex(withEmbedder, database, index, work);
  reportProgress(work, { phase: 'search', done: 0, total: items });
  await buildSearch(database, index, { kind: database.kind, items });
  await database.transaction(async (transaction) => {
    // Writers wait from here on; what they wrote since the last look is embedded before the switch.
    await transaction.execute('LOCK TABLE items IN SHARE MODE');
    await fillIndex(withEmbedder, transaction, index, work);
    await publishVectorIndex(transaction, index);
  });
  return index;
}
