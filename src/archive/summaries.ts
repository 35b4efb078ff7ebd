// Stores the summary of a session in place of the one before. Knows nothing of how it was made.
import type { Context } from './context.js';
import type { Queryable } from './database.js';
import { insertRows } from './database.js';
import { makeDrafts } from './drafts.js';
import { nextOperation } from './history.js';
import { insertItems } from './insert-items.js';
import type { FullItem } from './recall/results.js';
import { itemSelection, itemTables, selectItems } from './recall/results.js';
import { retireItem } from './retire-item.js';
import { checkName, idOf, lockScope, placeOf } from './scope.js';
import type { ItemId } from './types.js';

export interface SummaryInput {
  readonly user: string;
  readonly session: string;
  readonly text: string;
  /** When the last of what it tells was said. */
  readonly occurredAt: Date;
  /** The turns it tells: when one of them is forgotten, the summary goes too. */
  readonly sources: readonly ItemId[];
  /** The summary whose place it takes. */
  readonly previous?: Pick<FullItem, 'id'> | undefined;
  /** Lets others use the database first, where there is one connection for all. */
  readonly later?: boolean;
}

/** Stores a summary and retires the one before, in one transaction. */
export async function replaceSummary(context: Context, input: SummaryInput): Promise<ItemId> {
  const { user, session, text, occurredAt, previous } = input;
  const sources = [...new Set(input.sources.map((id) => placeOf(id).ordinal))];
  const identity = JSON.stringify(['summary', session, crypto.randomUUID()]);
  const drafts = await makeDrafts(context, [{ kind: 'summary', user, session, text, occurredAt, identity }]);
  const store = async (transaction: Queryable): Promise<ItemId> => {
    const [{ scope, nextOrdinal }, operation] = await Promise.all([
      lockScope(transaction, context.tenant, user),
      nextOperation(transaction),
    ]);
    const open = { transaction, scope, operation, at: context.now(), nextOrdinal };
    const ordinal = nextOrdinal;
    await Promise.all([
      insertItems(context, open, drafts),
      insertRows(
        transaction,
        'sources',
        sources.map((source) => ({ scope, ordinal, source })),
      ),
      previous === undefined ? undefined : retireItem(open, placeOf(previous.id).ordinal),
    ]);
    return idOf({ scope, ordinal });
  };
  return context.database.transaction(store, { later: input.later ?? false });
}

/** The summary of a session that holds now, if there is one. */
export async function findSummary(
  context: Context,
  options: { readonly user: string; readonly session: string },
): Promise<FullItem | undefined> {
  const [summary] = await selectItems(
    context,
    `${itemSelection} FROM ${itemTables} WHERE s.tenant = $1 AND s.user_name = $2 AND i.session = $3 AND i.kind = 'summary'
       AND i.state = 'active' ORDER BY i.ordinal DESC LIMIT 1`,
    [context.tenant, checkName(options.user, 'user'), options.session],
  );
  return summary;
}
