// The archive's database on a PostgreSQL server. Knows nothing of what is stored.
import type { Connection, PoolClient } from 'pg';
import { Pool } from 'pg';
import { ConfigError, messageOf } from '../../core/errors.js';
import type { CacheOptions } from '../cache-bounds.js';
import { cacheBounds } from '../cache-bounds.js';
import type { Database } from '../database.js';
import { PoolDatabase, databaseError } from './pool-database.js';

/** What the driver calls on a query of our own; after an error it calls nothing more. Source: node-postgres, `Submittable`. */
class CopyQuery {
  readonly finished: Promise<void>;
  readonly #sql: string;
  readonly #rows: Uint8Array;
  #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  constructor(sql: string, rows: Uint8Array) {
    this.#sql = sql;
    this.#rows = rows;
    this.finished = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }

  submit(connection: Connection): void {
    connection.query(this.#sql);
  }
  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(
      Buffer.from(this.#rows.buffer, this.#rows.byteOffset, this.#rows.byteLength),
    );
    connection.endCopyFrom();
  }
  handleCommandComplete(): void {
    // The number of rows is known.
  }
  handleError(error: Error): void {
    this.#settle?.reject(error);
  }
  handleReadyForQuery(): void {
    this.#settle?.resolve();
  }
}

/** The part of the driver's connection that its type declarations leave out. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

async function copyIn(client: PoolClient, target: string, rows: Uint8Array): Promise<void> {
  const copy = new CopyQuery(`COPY ${target} FROM STDIN WITH (FORMAT binary)`, rows);
  client.query(copy);
  await copy.finished;
}

function labelOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch (cause) {
    throw new ConfigError(
      `The database address is not a URL: ${messageOf(cause)}. Expected postgres://user:password@host:5432/name.`,
      { cause },
    );
  }
}

/**
 * Connects to a server (`postgres://user:password@host:port/name`).
 *
 * @throws {StorageError} when the server cannot be reached or refuses the login
 */
export async function openPostgres(url: string, options: CacheOptions = {}): Promise<Database> {
  const cache = cacheBounds(options.cacheMegabytes);
  const label = labelOf(url);
  const pool = new Pool({
    connectionString: url,
    max: 8,
    pipeline: true,
    connectionTimeoutMillis: 10_000,
    // Short queries lose more to just-in-time compilation than they gain, and to being planned anew for every value.
    options:
      '-c TimeZone=UTC -c jit=off -c plan_cache_mode=force_generic_plan -c hnsw.ef_search=100 -c hnsw.iterative_scan=relaxed_order',
  });
  try {
    (await pool.connect()).release();
  } catch (error) {
    await pool.end();
    throw databaseError(label, error);
  }
  return new PoolDatabase(pool, {
    kind: 'postgres',
    cache,
    label,
    copyIn,
    onClose: async () => undefined,
  });
}
