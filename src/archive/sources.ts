// What was made from what: a fact or an answer by a row for each source, a summary, which has one more with every turn, by one row
// for all. Knows nothing of why.
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

/** What a summary was made from. */
export interface SummarySources {
  readonly ordinal: number;
  /** An earlier summary, from whose sources it was made too. */
  readonly previous?: number | undefined;
  readonly added: readonly number[];
}

/** Writes what a summary of the scope was made from. Where something of it is gone the statement fails, as that of `linkSources`. */
export async function linkSummary(
  transaction: Queryable,
  scope: number,
  { ordinal, previous, added }: SummarySources,
): Promise<void> {
  if (previous === undefined && added.length === 0) return;
  await transaction.query(
    `INSERT INTO summary_sources (scope, ordinal, sources)
     SELECT $1::int4, $2::int4,
       CASE WHEN there.n = cardinality(made.added) AND (made.previous IS NULL OR before.sources IS NOT NULL)
         THEN coalesce(before.sources, '{}') || made.added END
     FROM (SELECT $3::int4 AS previous, $4::int4[] AS added OFFSET 0) AS made
     LEFT JOIN LATERAL (
       SELECT sources FROM summary_sources WHERE scope = $1::int4 AND ordinal = made.previous) AS before ON true
     CROSS JOIN LATERAL (
       SELECT count(*) AS n FROM unnest(made.added) AS one (source)
       CROSS JOIN LATERAL (SELECT FROM items WHERE scope = $1::int4 AND ordinal = one.source OFFSET 0) AS i) AS there`,
    [scope, ordinal, previous ?? null, added],
  );
}

/** SQL: what item `i` was made from, an array; NULL where it was made from nothing. */
export const sourcesOfItem = `CASE i.kind
  WHEN 'summary' THEN (SELECT m.sources FROM summary_sources m WHERE m.scope = i.scope AND m.ordinal = i.ordinal)
  ELSE (SELECT array_agg(o.source ORDER BY o.source) FROM sources o WHERE o.scope = i.scope AND o.ordinal = i.ordinal) END`;
