// Looking through what is held of a user, page by page, and how their conversations began. Knows no question and no rank.
import type { Context } from './context.js';
import { checkCount } from './count.js';
import type { FullItem } from './recall/results.js';
import { itemSelection, itemTables, selectItems } from './recall/results.js';
import { checkName, findScope, placeOf } from './scope.js';
import type { ItemId, ItemKind } from './types.js';

export interface BrowseOptions {
  readonly user?: string;
  readonly kind?: ItemKind;
  readonly session?: string;
  /** Goes on after this item: the last one of the page before. */
  readonly before?: ItemId;
  /** Default 100, at most 500. */
  readonly limit?: number;
}

/** What can be recalled, the latest stored first. Nothing for a user who is not known. */
export async function browse(context: Context, options: BrowseOptions = {}): Promise<readonly FullItem[]> {
  const { kind, session, before } = options;
  const limit = checkCount(options.limit ?? 100, 'limit', 1, 500);
  const user = checkName(options.user ?? context.defaultUser, 'user');
  const known = await findScope(context.database, context.tenant, user);
  if (known === undefined) return [];
  return selectItems(
    context,
    `${itemSelection} FROM ${itemTables} WHERE s.tenant = $1 AND i.scope = $2 AND i.state = 'active'
       AND (i.expires_at IS NULL OR i.expires_at > $3::timestamptz) AND ($4::text IS NULL OR i.kind = $4)
       AND ($5::text IS NULL OR i.session = $5) AND ($6::int4 IS NULL OR i.ordinal < $6)
     ORDER BY i.ordinal DESC LIMIT $7`,
    [
      context.tenant,
      known.scope,
      context.now(),
      kind,
      session === undefined ? undefined : checkName(session, 'session'),
      before === undefined ? undefined : placeOf(before).ordinal,
      limit,
    ],
  );
}

/** The first turn of each session of a user, in any order. Nothing for a user who is not known. */
export async function firstTurns(context: Context, name?: string): Promise<readonly FullItem[]> {
  const user = checkName(name ?? context.defaultUser, 'user');
  const known = await findScope(context.database, context.tenant, user);
  if (known === undefined) return [];
  return selectItems(
    context,
    `${itemSelection} FROM ${itemTables} WHERE s.tenant = $1 AND i.scope = $2 AND i.ordinal IN (
       SELECT DISTINCT ON (session) ordinal FROM items
       WHERE scope = $2 AND session IS NOT NULL AND kind = 'episode' AND state = 'active' ORDER BY session, turn, ordinal)`,
    [context.tenant, known.scope],
  );
}
