// What the archive asks of an SQL database. Knows nothing of PGlite, of PostgreSQL's protocol or of what is stored.
import type { CacheBounds } from './cache-bounds.js';

/** Anything that runs SQL: a database, or a transaction in it. Rows come back as plain objects by column name. */
export interface Queryable {
  /**
   * Runs one statement. `$1`, `$2`, ... stand for `parameters`: null, boolean, number, string, Date, bytes, or an
   * array of these. A `bigint` column must be cast in the statement, because drivers disagree about its JavaScript type.
   *
   * @throws {StorageError} when the database refuses the statement or cannot be reached; `fields.sqlState` says why
   */
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** Runs several statements without parameters. */
  execute(script: string): Promise<void>;
  /** Inserts rows given in PostgreSQL's binary COPY format (`binary-rows.ts`), the quickest way in for vectors. */
  copyBinary(table: string, columns: readonly string[], rows: Uint8Array): Promise<void>;
}

/** One statement, as `Queryable.query` takes it. */
export interface Statement {
  readonly sql: string;
  readonly parameters?: readonly unknown[];
}

/** A PostgreSQL-compatible database. */
export interface Database extends Queryable {
  readonly kind: 'pglite' | 'postgres';
  /** What may be kept in memory of what is in it; archives on the same one share it. */
  readonly cache: CacheBounds;
  /**
   * Runs `work` in one transaction: committed when it returns, rolled back when it throws. With `later`, where there is one
   * connection for all, others go first: nobody waits for it.
   */
  transaction<T>(
    work: (transaction: Queryable) => Promise<T>,
    options?: { readonly later?: boolean },
  ): Promise<T>;
  /**
   * Lends one connection to `work` for reading: what is asked together travels together, and nothing answered is older than
   * what was asked before it.
   */
  inOrder<T>(work: (reader: Queryable) => Promise<T>): Promise<T>;
  /**
   * Runs work that somebody waits for and that asks more than once: where there is one connection for all, what goes `later`
   * waits for its end, but at most a tenth of a second.
   */
  urgently<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Runs statements of which none needs the answer of another in one transaction, all sent at once: all are done, or none. With
   * `later` as for `transaction`.
   *
   * @returns the rows of each
   */
  atOnce(
    statements: readonly Statement[],
    options?: { readonly later?: boolean },
  ): Promise<readonly (readonly unknown[])[]>;
  /**
   * Runs one statement that only reads, with a planner setting (`enable_sort = off`) that holds for it alone. All of it is
   * sent at once, where a transaction would wait for three more answers.
   */
  queryWith<Row>(setting: string, sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** A row to insert: column names to values. Values are JSON; bytes are given as `\x` and hexadecimal digits. */
export type InsertRow = Readonly<Record<string, unknown>>;

/**
 * Inserts rows of one shape with a single statement and a single parameter. Table and column names come from our own code,
 * values only ever travel as data.
 */
export async function insertRows(
  database: Queryable,
  table: string,
  rows: readonly InsertRow[],
): Promise<void> {
  const first = rows[0];
  if (first === undefined) return;
  const columns = Object.keys(first).join(', ');
  await database.query(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`,
    [JSON.stringify(rows)],
  );
}

/**
 * SQL: arrays side by side as the rows of `name`, with these columns. The planner does not see how long the arrays are: it would
 * plan the statement anew for every length, which takes longer than answering it.
 *
 * @param columns the array of each, a parameter with its type
 * @param numbered a column more, that counts from 1
 */
export function rowsOf(
  name: string,
  columns: Readonly<Record<string, string>>,
  { numbered }: { readonly numbered?: string } = {},
): string {
  const names = Object.keys(columns);
  const arrays = Object.entries(columns).map(([column, array]) => `${array} AS ${column}_array`);
  const [rows, counted] = numbered === undefined ? ['', []] : [' WITH ORDINALITY', [numbered]];
  return `(SELECT ${arrays.join(', ')} OFFSET 0) AS ${name}_arrays
    CROSS JOIN LATERAL unnest(${names.map((column) => `${name}_arrays.${column}_array`).join(', ')})${rows} AS ${name} (${[...names, ...counted].join(', ')})`;
}

/**
 * SQL that looks up the items at given places through the primary key, whatever the planner believes about their number:
 * `OFFSET 0` keeps it from merging the lookup into the query around it. Offers `found` (scope, ordinal) and `i` (items).
 */
export const itemsAtPlaces = (scopes: string, ordinals: string): string =>
  `${rowsOf('found', { scope: `${scopes}::int4[]`, ordinal: `${ordinals}::int4[]` })}
   CROSS JOIN LATERAL (SELECT * FROM items WHERE scope = found.scope AND ordinal = found.ordinal OFFSET 0) AS i`;
