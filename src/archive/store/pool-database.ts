// The database interface over the PostgreSQL driver's pool. Knows nothing of what listens at the other end.
import type { Pool, PoolClient } from 'pg';
import { StorageError, messageOf } from '../../core/errors.js';
import type { CacheBounds } from '../cache-bounds.js';
import type { Database, Queryable, Statement } from '../database.js';
import type { Passage } from './gate.js';
import { Gate } from './gate.js';

/** Copies binary rows in; PGlite and PostgreSQL differ in how. */
export type CopyIn = (client: PoolClient, target: string, rows: Uint8Array) => Promise<void>;

export interface PoolDatabaseOptions {
  readonly kind: Database['kind'];
  readonly cache: CacheBounds;
  /** How the database is named in errors, without its password. */
  readonly label: string;
  readonly copyIn: CopyIn;
  /** Whether all share one connection, so that statements are sent together and transactions wait for each other. */
  readonly isSingle?: boolean;
  /** Runs after the pool has ended. */
  readonly onClose: () => Promise<void>;
}

/** SQLSTATE classes and system errors that mean: nobody answers. */
const unreachable = /^(08|57P)|^(ECONN|EPIPE|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT)/;

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}

export function databaseError(label: string, thrown: unknown): StorageError {
  if (thrown instanceof StorageError) return thrown;
  const sqlState = codeOf(thrown);
  const message = messageOf(thrown) || sqlState || 'no reason given';
  const options = { cause: thrown, fields: { database: label, sqlState } };
  if (unreachable.test(sqlState ?? '') || /connection terminated|timeout exceeded/i.test(message))
    return new StorageError(
      `The database ${label} cannot be reached: ${message}. Nothing was written. Start it or check the address, then try again.`,
      options,
    );
  return new StorageError(`The database ${label} refused: ${message}.`, options);
}

/** Wraps a pool whose clients have `pipeline` set: they send what they are given at once. Statements with parameters are prepared once per connection and named after their text. */
export class PoolDatabase implements Database {
  readonly kind: Database['kind'];
  readonly cache: CacheBounds;
  readonly #pool: Pool;
  readonly #options: PoolDatabaseOptions;
  readonly #names = new Map<string, string>();
  readonly #gate: Gate | undefined;
  /** Where all share it. */
  #connection: Promise<PoolClient> | undefined;
  #closed: Promise<void> | undefined;

  /** Bound, so that it also serves a database that is made from this one. */
  readonly inOrder: Database['inOrder'] = (work) =>
    this.#withClient({ alone: false }, (client) => work(this.#over(client)));

  readonly urgently: Database['urgently'] = (work) => this.#gate?.urgently(work) ?? work();

  constructor(pool: Pool, options: PoolDatabaseOptions) {
    this.kind = options.kind;
    this.cache = options.cache;
    this.#pool = pool;
    this.#options = options;
    this.#gate = options.isSingle === true ? new Gate() : undefined;
    // An idle connection that breaks is replaced by the next query, which reports what is wrong.
    pool.on('error', () => undefined);
  }

  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]> {
    return this.#withClient({ alone: false }, (client) => this.#queryOn<Row>(client, sql, parameters));
  }

  execute(script: string): Promise<void> {
    return this.#withClient({ alone: true }, (client) => this.#executeOn(client, script));
  }

  copyBinary(table: string, columns: readonly string[], rows: Uint8Array): Promise<void> {
    return this.#withClient({ alone: true }, (client) => this.#copyOn(client, table, columns, rows));
  }

  transaction<T>(
    work: (transaction: Queryable) => Promise<T>,
    { later = false }: { readonly later?: boolean } = {},
  ): Promise<T> {
    return this.#withClient({ alone: true, later }, async (client) => {
      try {
        // What the work begins with travels along with the beginning.
        const [begun, done] = await Promise.allSettled([
          this.#executeOn(client, 'BEGIN'),
          work(this.#over(client)),
        ]);
        if (begun.status === 'rejected') throw begun.reason;
        if (done.status === 'rejected') throw done.reason;
        await this.#executeOn(client, 'COMMIT');
        return done.value;
      } catch (error) {
        // A rollback that fails means a connection that is gone, and its transaction with it.
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  atOnce(
    statements: readonly Statement[],
    { later = false }: { readonly later?: boolean } = {},
  ): Promise<readonly (readonly unknown[])[]> {
    return this.#withClient({ alone: false, later }, async (client) => {
      const begun = this.#executeOn(client, 'BEGIN');
      const answers = statements.map(({ sql, parameters }) => this.#queryOn(client, sql, parameters));
      // After a statement that failed this rolls back.
      const ended = this.#executeOn(client, 'COMMIT');
      for (const outcome of await Promise.allSettled([begun, ...answers, ended]))
        if (outcome.status === 'rejected') throw outcome.reason;
      return Promise.all(answers);
    });
  }

  queryWith<Row>(setting: string, sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]> {
    return this.#withClient({ alone: false }, async (client) => {
      const begun = this.#executeOn(client, `BEGIN READ ONLY; SET LOCAL ${setting}`);
      const rows = this.#queryOn<Row>(client, sql, parameters);
      // After a statement that failed this rolls back.
      const ended = this.#executeOn(client, 'COMMIT');
      await Promise.allSettled([begun, rows, ended]);
      await begun;
      return rows;
    });
  }

  /** Closing again waits for the first time. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    if (this.#connection !== undefined) (await this.#connection).release();
    await this.#pool.end();
    await this.#options.onClose();
  }

  #withClient<T>(passage: Passage, work: (client: PoolClient) => Promise<T>): Promise<T> {
    if (this.#gate === undefined) return this.#withOwnClient(work);
    return this.#gate.pass(passage, async () => {
      this.#connection ??= this.#connect();
      return work(await this.#connection);
    });
  }

  /** The connection that all share. What breaks it is reported by the statement that meets it. */
  async #connect(): Promise<PoolClient> {
    try {
      const client = await this.#guarded(() => this.#pool.connect());
      return client.on('error', () => undefined);
    } catch (error) {
      this.#connection = undefined;
      throw error;
    }
  }

  /** Lends a connection; one that failed to answer is thrown away. */
  async #withOwnClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#guarded(() => this.#pool.connect());
    let broken = false;
    // Between two statements nobody else hears that the server is gone, and unheard it would end the process.
    const onError = (): void => {
      broken = true;
    };
    client.on('error', onError);
    try {
      return await work(client);
    } catch (error) {
      broken ||= error instanceof StorageError && unreachable.test(String(error.fields['sqlState'] ?? ''));
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  #over(client: PoolClient): Queryable {
    return {
      query: (sql, parameters) => this.#queryOn(client, sql, parameters),
      execute: (script) => this.#executeOn(client, script),
      copyBinary: (table, columns, rows) => this.#copyOn(client, table, columns, rows),
    };
  }

  async #queryOn<Row>(
    client: PoolClient,
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    const values = parameters.map((value) => (value === undefined ? null : value));
    const result = await this.#guarded(() => client.query({ name: this.#nameOf(sql), text: sql, values }));
    return result.rows as Row[];
  }

  async #executeOn(client: PoolClient, script: string): Promise<void> {
    await this.#guarded(() => client.query(script));
  }

  async #copyOn(
    client: PoolClient,
    table: string,
    columns: readonly string[],
    rows: Uint8Array,
  ): Promise<void> {
    await this.#guarded(() => this.#options.copyIn(client, `${table} (${columns.join(', ')})`, rows));
  }

  #nameOf(sql: string): string {
    const known = this.#names.get(sql);
    if (known !== undefined) return known;
    const name = `archive_${this.#names.size}`;
    this.#names.set(sql, name);
    return name;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw databaseError(this.#options.label, error);
    }
  }
}
