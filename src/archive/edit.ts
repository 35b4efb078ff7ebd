// Another text for an episode: the new one takes the old one's place, in one transaction that can be undone.
import { DataError } from '../core/errors.js';
import type { Context } from './context.js';
import { makeDrafts } from './drafts.js';
import { checkEpisode } from './episode-input.js';
import { findStatements, lookUpFacts, storeFacts } from './facts/store-facts.js';
import { nextOperation } from './history.js';
import { insertItems } from './insert-items.js';
import type { FullItem } from './recall/results.js';
import { itemsAt } from './recall/results.js';
import { retireItem } from './retire-item.js';
import { idOf, lockScope, placeOf, placesOfTenant } from './scope.js';
import { carryToolSteps } from './tool-steps.js';
import type { Queryable } from './database.js';
import type { ItemId } from './types.js';

export interface Edited {
  /** The new item. */
  readonly id: ItemId;
  /** Facts found in the new text. */
  readonly facts: readonly ItemId[];
  /** What `undo` takes to bring the old text back. */
  readonly operation: number;
}

export interface EditOptions {
  /** Whether facts are looked for in the new text; default `true`. */
  readonly facts?: boolean;
}

/** @throws {DataError} when the item is no episode */
async function episodeNamed(context: Context, id: ItemId): Promise<FullItem> {
  const [item] = await itemsAt(context, await placesOfTenant(context.database, context.tenant, [id]));
  if (item?.kind === 'episode') return item;
  throw new DataError(
    `Item ${id} is a ${item?.kind}, and only episodes can be edited: edit the episode it was made from.`,
    { fields: { id, kind: item?.kind } },
  );
}

/** Facts that were taken from this episode alone. */
async function factsOnlyFrom(
  transaction: Queryable,
  scope: number,
  ordinal: number,
): Promise<readonly number[]> {
  const rows = await transaction.query<{ ordinal: number }>(
    `SELECT i.ordinal FROM sources s JOIN items i USING (scope, ordinal)
     WHERE s.scope = $1 AND s.source = $2 AND i.kind = 'fact' AND i.state = 'active' AND NOT EXISTS (
       SELECT FROM sources o WHERE o.scope = s.scope AND o.ordinal = s.ordinal AND o.source <> s.source)`,
    [scope, ordinal],
  );
  return rows.map((row) => row.ordinal);
}

/**
 * The new item has the old one's user, session, place in it, speaker and time. The old one and the facts that it alone said
 * are taken out of recall. What the old text contradicted stays contradicted: undo the operation that stored it for that.
 *
 * @throws {DataError} when the text cannot be used, or the item is no episode that is recalled
 */
export async function edit(
  context: Context,
  id: ItemId,
  text: string,
  options: EditOptions = {},
): Promise<Edited> {
  const old = await episodeNamed(context, id);
  const { user, session, speaker, time, turn } = old;
  const { input } = checkEpisode(context, {
    text,
    user,
    time,
    ...(session !== undefined && { session }),
    ...(speaker !== undefined && { speaker }),
  });
  const identity = JSON.stringify(['edit', id, crypto.randomUUID()]);
  const inputs = [{ ...input, identity, turn }];
  const drafts = await makeDrafts(context, inputs);
  const found = options.facts === false ? [] : await findStatements(context, inputs);
  return context.database.transaction(async (transaction) => {
    const locked = await lockScope(transaction, context.tenant, user);
    const { scope, nextOrdinal } = locked;
    const { ordinal: oldOrdinal } = placeOf(id);
    const [active] = await transaction.query(
      `SELECT FROM items WHERE scope = $1 AND ordinal = $2 AND state = 'active'`,
      [scope, oldOrdinal],
    );
    if (active === undefined)
      throw new DataError(`Item ${id} was taken out of recall already. Edit the one that took its place.`, {
        fields: { id },
      });
    const operation = await nextOperation(transaction);
    const open = { transaction, scope, operation, at: context.now(), nextOrdinal, recent: locked };
    for (const ordinal of [oldOrdinal, ...(await factsOnlyFrom(transaction, scope, oldOrdinal))])
      await retireItem(open, ordinal);
    const [ordinal = 0] = await insertItems(context, open, drafts);
    await carryToolSteps(transaction, scope, oldOrdinal, ordinal);
    const known = await lookUpFacts(context, transaction, scope, found);
    const { byPosition } = await storeFacts(context, open, known, new Map([[0, ordinal]]));
    const facts = byPosition.get(0) ?? [];
    return {
      id: idOf({ scope, ordinal }),
      facts: facts.map((fact) => idOf({ scope, ordinal: fact })),
      operation,
    };
  });
}
