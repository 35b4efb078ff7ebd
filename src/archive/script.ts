// Statements written down to be sent at once. Knows no database.
import { invariant } from '../core/errors.js';
import type { Queryable, Statement } from './database.js';

/** Takes statements where a transaction would run them: only for those whose answer is not looked at. */
export class Script implements Queryable {
  readonly statements: Statement[] = [];

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    this.statements.push({ sql, parameters });
    return [];
  }

  async execute(): Promise<void> {
    invariant(false, 'A script takes statements with parameters only.');
  }

  async copyBinary(): Promise<void> {
    invariant(false, 'A script copies nothing.');
  }
}

/** SQLSTATE with which a script ends where what it takes for granted is not so: that of a division by zero. */
export const untrue = '22012';

/** A statement that ends a script if the query has a row. */
export const failsIf = (query: string, parameters: readonly unknown[]): Statement => ({
  sql: `SELECT 1 / (NOT EXISTS (${query}))::int4`,
  parameters,
});
