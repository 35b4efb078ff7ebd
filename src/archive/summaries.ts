// Stores the summary of a session in place of the one before. Knows nothing of how it was made.
import { invariant } from '../core/errors.js';
import type { Context } from './context.js';
import { makeDrafts } from './drafts.js';
import type { FullItem } from './recall/results.js';
import { holderOfWritten } from './recall/read-scope.js';
import { itemSelection, itemTables, selectItems, writtenItem } from './recall/results.js';
import { checkName, placeOf } from './scope.js';
import { storeLinked } from './store-linked.js';
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
  readonly previous?: Pick<FullItem, 'id' | 'sources'> | undefined;
  /** Lets others use the database first, where there is one connection for all. */
  readonly later?: boolean;
}

/** Stores a summary and retires the one before, in one transaction. */
export async function replaceSummary(context: Context, input: SummaryInput): Promise<FullItem> {
  const { user, session, text, occurredAt, previous } = input;
  const ordinalOf = (id: ItemId): number => placeOf(id).ordinal;
  const identity = JSON.stringify(['summary', session, crypto.randomUUID()]);
  const [draft] = await makeDrafts(context, [{ kind: 'summary', user, session, text, occurredAt, identity }]);
  invariant(draft !== undefined, 'A summary got no draft.');
  const told = new Set(input.sources.map(ordinalOf));
  const before = previous?.sources.map(ordinalOf) ?? [];
  const replaced = previous === undefined ? [] : [ordinalOf(previous.id)];
  // Most often it tells what the one before told, and more.
  const continues = before.length > 0 && before.every((source) => told.has(source));
  if (continues) for (const source of before) told.delete(source);
  const sources = [...told];
  const hold = holderOfWritten(context, user);
  const { scope, ordinal } = await storeLinked(context, {
    draft,
    session,
    found: [],
    linked: () => ({ sources, continued: continues ? replaced[0] : undefined, replaced }),
    later: input.later ?? false,
  });
  const summary = await writtenItem(context, { scope, ordinal }, draft, {
    sources: continues ? [...before, ...sources] : sources,
  });
  hold([summary]);
  return summary;
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
