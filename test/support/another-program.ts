// For tests: a database as another program has it open, which holds nothing in memory that this one holds. Knows no archive.
import type { Database, Queryable } from '../../src/archive/database.js';

/** @param onRows sees what each statement outside of transactions gives */
export function anotherProgram(
  database: Database,
  onRows: (rows: readonly unknown[], sql: string) => void = () => undefined,
): Database {
  const query: Queryable['query'] = async <Row>(sql: string, parameters?: readonly unknown[]) => {
    const rows = await database.query<Row>(sql, parameters);
    onRows(rows, sql);
    return rows;
  };
  return {
    kind: database.kind,
    cache: database.cache,
    query,
    queryWith: (setting, sql, parameters) => database.queryWith(setting, sql, parameters),
    execute: (script) => database.execute(script),
    copyBinary: (table, columns, rows) => database.copyBinary(table, columns, rows),
    inOrder: (work) => database.inOrder(work),
    urgently: (work) => database.urgently(work),
    transaction: (work, options) => database.transaction(work, options),
    atOnce: (statements, options) => database.atOnce(statements, options),
    close: () => database.close(),
  };
}
