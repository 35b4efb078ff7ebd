// The nearest vectors: by pgvector where the database has it, exactly over the stored bytes where not.
import type { Context } from '../context.js';
import type { Database } from '../database.js';
import { unitLength } from '../drafts.js';
import type { Place, Scope } from '../scope.js';
import { topIndexes } from '../top.js';
import type { VectorIndex } from '../vector-index.js';
import { tableOf, vectorText } from '../vector-index.js';

export interface VectorHit extends Place {
  /** Cosine of the angle between question and item, in [-1, 1]. */
  readonly similarity: number;
}

/** Scopes of up to this many items are searched exactly: the graph of the index visits everybody's vectors. */
const defaultExactLimit = 5000;
const pageSize = 5000;

export interface VectorSearch {
  /** The items most similar to the question, best first. */
  best(count: number): Promise<readonly VectorHit[]>;
  /** How similar certain items are; those without a vector are left out. */
  at(places: readonly Place[]): Promise<readonly VectorHit[]>;
}

const nothing: VectorSearch = { best: async () => [], at: async () => [] };

/** Embeds the question once. Without an embedder nothing is found. */
export async function searchVectors(
  context: Context,
  question: string,
  scopes: readonly Scope[],
): Promise<VectorSearch> {
  const { embedder, vectors } = context;
  const [embedding] =
    vectors === undefined || scopes.length === 0 ? [] : ((await embedder?.embed([question], 'query')) ?? []);
  if (embedding === undefined || vectors === undefined) return nothing;
  const unit = unitLength(embedding);
  const [search, lookUp] =
    vectors.storage === 'vector' ? [searchIndexed, lookUpIndexed] : [searchStored, lookUpStored];
  return {
    best: (count) => search(context, vectors, unit, scopes, count),
    at: async (places) => (places.length === 0 ? [] : lookUp(context, vectors, unit, places)),
  };
}

/** The vectors at places, through the primary key. */
const vectorsAt = (index: VectorIndex, scopes: string, ordinals: string): string =>
  `unnest(${scopes}::int4[], ${ordinals}::int4[]) AS found (scope, ordinal)
   CROSS JOIN LATERAL (SELECT * FROM ${tableOf(index)} WHERE scope = found.scope AND ordinal = found.ordinal OFFSET 0) AS v`;

const columnsOf = (places: readonly Place[]): readonly [readonly number[], readonly number[]] => [
  places.map(({ scope }) => scope),
  places.map(({ ordinal }) => ordinal),
];

function lookUpIndexed(
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

async function lookUpStored(
  context: Context,
  index: VectorIndex,
  embedding: Float32Array,
  places: readonly Place[],
): Promise<readonly VectorHit[]> {
  const rows = await context.database.query<Place & { readonly embedding: Uint8Array }>(
    `SELECT v.scope, v.ordinal, v.embedding FROM ${vectorsAt(index, '$1', '$2')}`,
    columnsOf(places),
  );
  return rows.map(({ scope, ordinal, embedding: bytes }) => ({
    scope,
    ordinal,
    similarity: dot(embedding, floatsOf(bytes)),
  }));
}

const searchIndexed: typeof searchStored = ({ database }, index, embedding, scopes, count) =>
  nearest(database, index, embedding, scopes, count);

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

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** Reads the vectors page by page and keeps the best. */
async function searchStored(
  context: Context,
  index: VectorIndex,
  embedding: Float32Array,
  scopes: readonly Scope[],
  count: number,
): Promise<readonly VectorHit[]> {
  let best: VectorHit[] = [];
  for (const { scope } of scopes) {
    for (let after = -1; ;) {
      const rows = await context.database.query<{ ordinal: number; embedding: Uint8Array }>(
        `SELECT ordinal, embedding FROM ${tableOf(index)} WHERE scope = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3`,
        [scope, after, pageSize],
      );
      const similarities = Float64Array.from(rows, (row) => 1 + dot(embedding, floatsOf(row.embedding)));
      const hits = topIndexes(similarities, count).map((i) => ({
        scope,
        ordinal: rows[i]?.ordinal ?? 0,
        similarity: (similarities[i] ?? 1) - 1,
      }));
      best = [...best, ...hits].sort((a, b) => b.similarity - a.similarity).slice(0, count);
      const last = rows.at(-1);
      if (last === undefined || rows.length < pageSize) break;
      after = last.ordinal;
    }
  }
  return best;
}

/** Little-endian 32-bit floats at any alignment. A copy first: the driver's bytes lie somewhere in a larger buffer. */
function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}
