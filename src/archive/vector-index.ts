// Where the vectors of one embedder lie: its table, dimension and kind of storage. Knows nothing of ranking.
import { ConfigError } from '../core/errors.js';
import type { Field } from './binary-rows.js';
import { binaryRows, floatBytes, int4, vector } from './binary-rows.js';
import type { Database, Queryable } from './database.js';
import type { Embedder } from './embedder.js';
import { encodeVector } from './vector-codes.js';

/**
 * `codes`: one byte a number (vector-codes.ts), held in memory and compared there. `vector`: pgvector's type with an HNSW
 * index. `bytea`: 32-bit floats, searched like codes; indexes made before there were codes.
 */
export type VectorStorage = 'codes' | 'vector' | 'bytea';

/** What a new index may have. */
export type NewVectorStorage = Exclude<VectorStorage, 'bytea'>;

export interface VectorIndex {
  readonly number: number;
  readonly embedder: string;
  readonly dimension: number;
  readonly storage: VectorStorage;
}

const columns = 'number, embedder, dimension, storage';

export const tableOf = (index: Pick<VectorIndex, 'number'>): string => `vectors_${index.number}`;

/** The index in use, if there is one. */
export async function findVectorIndex(database: Queryable): Promise<VectorIndex | undefined> {
  const rows = await database.query<VectorIndex>(
    `SELECT ${columns} FROM embedding_indexes WHERE ready ORDER BY number DESC LIMIT 1`,
  );
  return rows[0];
}

/** What an interrupted re-indexing with this embedder left. */
export async function findUnfinishedIndex(
  database: Queryable,
  embedder: Embedder,
  storage: NewVectorStorage,
): Promise<VectorIndex | undefined> {
  const rows = await database.query<VectorIndex>(
    `SELECT ${columns} FROM embedding_indexes WHERE NOT ready AND embedder = $1 AND dimension = $2 AND storage = $3
     ORDER BY number DESC LIMIT 1`,
    [embedder.name, embedder.dimension, storage],
  );
  return rows[0];
}

/**
 * How a new index keeps its vectors: as `wanted`, or else by pgvector on a server that has it, and as codes otherwise.
 *
 * @throws {ConfigError} when pgvector is wanted and missing
 */
export async function newVectorStorage(
  database: Database,
  wanted?: NewVectorStorage,
): Promise<NewVectorStorage> {
  if (wanted === 'codes' || (wanted === undefined && database.kind === 'pglite')) return 'codes';
  const available = await database.query(`SELECT 1 FROM pg_available_extensions WHERE name = 'vector'`);
  if (available.length > 0) {
    await database.execute('CREATE EXTENSION IF NOT EXISTS vector');
    return 'vector';
  }
  if (wanted === undefined) return 'codes';
  throw new ConfigError(
    'The server lacks pgvector, so it cannot keep vectors as "vector". Install the extension on the server, or keep them as "codes".',
    { fields: { wanted } },
  );
}

/** Creates an empty index with its table. It is not used before `publish`. */
export async function createVectorIndex(
  transaction: Queryable,
  embedder: Embedder,
  storage: NewVectorStorage,
): Promise<VectorIndex> {
  const rows = await transaction.query<VectorIndex>(
    `INSERT INTO embedding_indexes (embedder, dimension, storage) VALUES ($1, $2, $3) RETURNING ${columns}`,
    [embedder.name, embedder.dimension, storage],
  );
  const [index] = rows;
  if (index === undefined) throw new ConfigError('The vector index could not be created.');
  const type = storage === 'vector' ? `vector(${index.dimension})` : 'bytea';
  await transaction.execute(
    `CREATE TABLE ${tableOf(index)} (
       scope int4 NOT NULL, ordinal int4 NOT NULL, embedding ${type} NOT NULL,
       PRIMARY KEY (scope, ordinal), FOREIGN KEY (scope, ordinal) REFERENCES items ON DELETE CASCADE)`,
  );
  return index;
}

/** The graph is built in memory: that many bytes for an item beside its numbers. Measured with pgvector 0.8. */
const graphBytes = 600;
const buildMegabytes: Readonly<Record<Database['kind'], number>> = { pglite: 700, postgres: 4000 };

/** Builds pgvector's graph over `items` vectors: much quicker over a full table than row by row. Codes need none. */
export async function buildSearch(
  database: Queryable,
  index: VectorIndex,
  { kind, items }: { readonly kind: Database['kind']; readonly items: number },
): Promise<void> {
  if (index.storage !== 'vector') return;
  const needed = Math.ceil((1.2 * items * (4 * index.dimension + graphBytes)) / 1e6);
  const megabytes = Math.min(buildMegabytes[kind], Math.max(64, needed));
  const table = tableOf(index);
  await database.execute(
    `SET maintenance_work_mem = '${megabytes}MB';
     CREATE INDEX IF NOT EXISTS ${table}_search ON ${table} USING hnsw (embedding vector_ip_ops);
     RESET maintenance_work_mem;
     ANALYZE ${table}`,
  );
}

/** Puts an index in use and drops the others. */
export async function publishVectorIndex(transaction: Queryable, index: VectorIndex): Promise<void> {
  const others = await transaction.query<VectorIndex>(
    `SELECT ${columns} FROM embedding_indexes WHERE number <> $1`,
    [index.number],
  );
  for (const other of others) await transaction.execute(`DROP TABLE IF EXISTS ${tableOf(other)}`);
  await transaction.query('DELETE FROM embedding_indexes WHERE number <> $1', [index.number]);
  await transaction.query('UPDATE embedding_indexes SET ready = true WHERE number = $1', [index.number]);
}

/** @throws {ConfigError} when the archive's vectors come from another embedder or have another dimension */
export function checkEmbedder(index: VectorIndex, embedder: Embedder): void {
  if (index.embedder === embedder.name && index.dimension === embedder.dimension) return;
  throw new ConfigError(
    `The archive's vectors were made by "${index.embedder}" (dimension ${index.dimension}); the embedder given is ` +
      `"${embedder.name}" (dimension ${embedder.dimension}). Open the archive with that embedder, or re-index it with this one.`,
    { fields: { index: index.embedder, given: embedder.name } },
  );
}

export interface StoredVector {
  readonly scope: number;
  readonly ordinal: number;
  readonly embedding: Float32Array;
}

const encoders: Readonly<Record<VectorStorage, (values: Float32Array) => Field>> = {
  codes: encodeVector,
  vector,
  bytea: floatBytes,
};

/** So many are written by statements, which need not wait for each other; more are copied, which takes exchanges of its own. */
export const fewVectors = 32;

export async function addVectors(
  transaction: Queryable,
  index: VectorIndex,
  rows: readonly StoredVector[],
): Promise<void> {
  if (rows.length === 0) return;
  const table = tableOf(index);
  const encode = encoders[index.storage];
  if (rows.length <= fewVectors) {
    const sql = `INSERT INTO ${table} (scope, ordinal, embedding) VALUES ($1, $2, $3)`;
    await Promise.all(
      rows.map(({ scope, ordinal, embedding }) =>
        transaction.query(sql, [scope, ordinal, encode(embedding)]),
      ),
    );
    return;
  }
  await transaction.copyBinary(
    table,
    ['scope', 'ordinal', 'embedding'],
    binaryRows(rows.map((row) => [int4(row.scope), int4(row.ordinal), encode(row.embedding)])),
  );
}

/** What pgvector reads as a parameter. */
export const vectorText = (values: Float32Array): string => `[${values.join(',')}]`;
