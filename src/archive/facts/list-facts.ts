// What is held to be true of a user at some moment, or ever. Knows nothing of recall.
import type { Context } from '../context.js';
import { toDate } from '../moment.js';
import type { FullItem } from '../recall/results.js';
import { itemSelection, itemTables, selectItems } from '../recall/results.js';
import { requireScope } from '../scope.js';
import type { Moment } from '../types.js';

export interface FactsOptions {
  readonly user?: string;
  /** Facts that held then; now when absent. */
  readonly at?: Moment;
  /** Also facts that no longer held. */
  readonly closed?: boolean;
}

/** In the order they were learnt. @throws {DataError} for an unknown user */
export async function listFacts(context: Context, options: FactsOptions = {}): Promise<readonly FullItem[]> {
  const { scope } = await requireScope(context.database, context.tenant, options.user ?? context.defaultUser);
  const at = options.at === undefined ? context.now() : toDate(options.at, 'at');
  return selectItems(
    context,
    `${itemSelection} FROM ${itemTables} WHERE s.tenant = $1 AND i.scope = $2 AND i.kind = 'fact' AND i.state = 'active'
     AND f.valid_from <= $3::timestamptz AND ($4::boolean OR f.valid_to IS NULL OR f.valid_to > $3::timestamptz)
     ORDER BY i.ordinal`,
    [context.tenant, scope, at, options.closed ?? false],
  );
}
