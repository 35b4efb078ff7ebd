// Takes one item out of recall within a transaction that does more. Knows nothing of why.
import { recordChanges } from './history.js';
import type { OpenScope } from './insert-items.js';

/** The history says it, so that it can be undone. */
export async function retireItem(
  { transaction, scope, operation, at }: OpenScope,
  ordinal: number,
): Promise<void> {
  await Promise.all([
    transaction.query(`UPDATE items SET state = 'retired' WHERE scope = $1 AND ordinal = $2`, [
      scope,
      ordinal,
    ]),
    recordChanges(transaction, scope, operation, at, [
      { ordinal, action: 'retire', field: 'state', before: 'active', after: 'retired' },
    ]),
  ]);
}
