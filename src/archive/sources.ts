// What was made from what. Knows nothing of why.
import type { Queryable } from './database.js';
import { rowsOf } from './database.js';

/** An item, and one it was made from. */
export interface Link {
  readonly ordinal: number;
  readonly source: number;
}

/**
 * Writes links between items of one scope, which is locked; those that are there stay. Where a source is gone the statement fails, as
 * nothing may be kept that was made from what was forgotten: the column takes no NULL.
 */
export async function linkSources(
  transaction: Queryable,
  scope: number,
  links: readonly Link[],
): Promise<void> {
  if (links.length === 0) return;
  await transaction.query(
    `INSERT INTO sources (scope, ordinal, source)
     SELECT $1::int4, link.ordinal, i.ordinal
     FROM ${rowsOf('link', { ordinal: '$2::int4[]', source: '$3::int4[]' })}
     LEFT JOIN LATERAL (SELECT ordinal FROM items WHERE scope = $1::int4 AND ordinal = link.source OFFSET 0) AS i ON true
     ON CONFLICT DO NOTHING`,
    [scope, links.map(({ ordinal }) => ordinal), links.map(({ source }) => source)],
  );
}
