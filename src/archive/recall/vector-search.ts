// The nearest vectors: by pgvector's graph, or by the codes held in memory.
import type { Context } from '../context.js';
import type { Database } from '../database.js';
import { rowsOf } from '../database.js';
import { embedQuestion } from '../drafts.js';
import type { Place, Scope } from '../scope.js';
import { columnsOf } from '../scope.js';
import type { VectorIndex } from '../vector-index.js';
import { tableOf, vectorText } from '../vector-index.js';
import type { CodeQuery } from './code-blocks.js';
import { codeQuery } from './code-blocks.js';
import type { CodeHit, CodeIndex } from './code-index.js';
import type { BorrowedCodes } from './held-codes.js';
import { heldCodesOf } from './held-codes.js';

export interface VectorHit extends Place {
  /** Cosine of the angle between question and item, in [-1, 1]. */
  readonly similarity: number;
}

/** Scopes of up to this many items are searched exactly: the graph of the index visits everybody's vectors. */
const defaultExactLimit = 5000;

export interface VectorSearch {
  /** The items most similar to the question, best first. */
  best(count: number): Promise<readonly VectorHit[]>;
  /** How similar certain items are; those without a vector are left out. */
  at(places: readonly Place[]): Promise<readonly VectorHit[]>;
}

const nothing: VectorSearch = { best: async () => [], at: async () => [] };

/** A question as vectors are asked. */
export interface VectorQuestion {
  /** Of length 1. */
  readonly embedding: Float32Array;
  readonly codes: CodeQuery;
  /** What was found in memory while the database was asked for what is new. */
  readonly early: EarlyHits | undefined;
}

interface EarlyHits {
  readonly index: CodeIndex;
  readonly size: number;
  readonly count: number;
  readonly hits: readonly CodeHit[];
}

/** Below, a search takes less time than it takes to let others go first. */
const worthAnEarlySearch = 4096;

/**
 * Embeds the question. Where vectors of the scope are in memory, and that is likely to be all, it is searched at once for so
 * many: the database, in its own thread, is busy meanwhile. Without an embedder there is nothing to ask.
 */
export async function askVectors(
  { database, embedder, vectors }: Context,
  question: string,
  count: number,
  scope: number | undefined,
): Promise<VectorQuestion | undefined> {
  if (embedder === undefined || vectors === undefined) return undefined;
  const embedding = await embedQuestion(embedder, question);
  const codes = codeQuery(embedding);
  const held = vectors.storage === 'vector' ? undefined : heldCodesOf(database, vectors);
  const index = scope === undefined ? undefined : held?.find(scope);
  if (index === undefined || index.size < worthAnEarlySearch) return { embedding, codes, early: undefined };
  // The statement leaves for its thread before this one is busy.
  await new Promise((resolve) => setImmediate(resolve));
  return { embedding, codes, early: { index, size: index.size, count, hits: index.search(codes, count) } };
}

/** Lends the search for what is similar to a question to `use`. */
export async function withVectorSearch<T>(
  context: Context,
  question: VectorQuestion | undefined,
  scopes: readonly Scope[],
  use: (search: VectorSearch) => Promise<T>,
): Promise<T> {
  const { database, vectors } = context;
  if (question === undefined || vectors === undefined || scopes.length === 0) return use(nothing);
  if (vectors.storage !== 'vector') return searchHeld(database, vectors, question, scopes, use);
  const { embedding } = question;
  return use({
    best: (count) => nearest(database, vectors, embedding, scopes, count),
    at: async (places) => (places.length === 0 ? [] : lookUp(context, vectors, embedding, places)),
  });
}

/** Searches the codes in memory, once what was written since the last question is read. */
async function searchHeld<T>(
  database: Database,
  index: VectorIndex,
  question: VectorQuestion,
  scopes: readonly Scope[],
  use: (search: VectorSearch) => Promise<T>,
): Promise<T> {
  const held = heldCodesOf(database, index);
  const borrowing = await Promise.allSettled(scopes.map((scope) => held.borrow(database, scope)));
  const borrowed = borrowing.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  try {
    for (const result of borrowing) if (result.status === 'rejected') throw result.reason;
    return await use(searchIn(borrowed, question));
  } finally {
    for (const codes of borrowed) codes.release();
  }
}

function searchIn(borrowed: readonly BorrowedCodes[], { codes, early }: VectorQuestion): VectorSearch {
  const byScope = new Map(borrowed.map(({ scope, index }) => [scope, index]));
  const bestIn = (index: CodeIndex, count: number): readonly CodeHit[] =>
    early?.index === index && early.size === index.size && early.count === count
      ? early.hits
      : index.search(codes, count);
  return {
    best: async (count) =>
      [...byScope]
        .flatMap(([scope, index]) =>
          bestIn(index, count).map(({ ordinal, similarity }) => ({ scope, ordinal, similarity })),
        )
        .sort((a, b) => b.similarity - a.similarity)
        .slice(0, count),
    at: async (places) =>
      places.flatMap(({ scope, ordinal }) => {
        const similarity = byScope.get(scope)?.similarityOf(codes, ordinal);
        return similarity === undefined ? [] : [{ scope, ordinal, similarity }];
      }),
  };
}

/** The vectors at places, through the primary key. */
const vectorsAt = (index: VectorIndex, scopes: string, ordinals: string): string =>
  `${rowsOf('found', { scope: `${scopes}::int4[]`, ordinal: `${ordinals}::int4[]` })}
   CROSS JOIN LATERAL (SELECT * FROM ${tableOf(index)} WHERE scope = found.scope AND ordinal = found.ordinal OFFSET 0) AS v`;

function lookUp(
  context: Context,
  index: VectorIndex,
  embedding: Float32Array,
  places: readonly Place[],
): Promise<readonly VectorHit[]> {
  return context.database.query<VectorHit>(
    `SELECT v.scope, v.ordinal, -(v.embedding <#> $1::vector)::float8 AS similarity FROM ${vectorsAt(index, '$2', '$3')}`,
    [vectorText(embedding), ...columnsOf(places)],
  );
}

/** The nearest vectors by pgvector. */
export function nearest(
  database: Database,
  index: VectorIndex,
  embedding: Float32Array,
  scopes: readonly Scope[],
  count: number,
  exactLimit = defaultExactLimit,
): Promise<readonly VectorHit[]> {
  const items = scopes.reduce((sum, { itemCount }) => sum + itemCount, 0);
  const table = tableOf(index);
  const isExact = items <= exactLimit;
  // OFFSET 0 keeps the planner from using the graph: within few items the exact search is faster and complete.
  const source = isExact
    ? `(SELECT * FROM ${table} WHERE scope = ANY ($2::int4[]) OFFSET 0) v`
    : `${table} v WHERE scope = ANY ($2::int4[])`;
  const sql = `SELECT scope, ordinal, -(embedding <#> $1::vector)::float8 AS similarity FROM ${source}
    ORDER BY embedding <#> $1::vector LIMIT $3`;
  const parameters = [vectorText(embedding), scopes.map(({ scope }) => scope), count];
  // Without recent statistics the planner takes a large scope for a small one, and would sort it instead of using the graph.
  return isExact
    ? database.query<VectorHit>(sql, parameters)
    : database.queryWith<VectorHit>('enable_sort = off', sql, parameters);
}
