// Writes one item with what it was made from: at once where nothing else was written meanwhile, otherwise step by step. Knows
// nothing of what it says.
import { StorageError } from '../core/errors.js';
import type { SealedWindow } from './answer-windows.js';
import { writeWindow } from './answer-windows.js';
import type { Context } from './context.js';
import type { Queryable } from './database.js';
import { insertRows } from './database.js';
import type { Draft } from './drafts.js';
import type { Found } from './facts/store-facts.js';
import { planFacts, storeFacts, storePlan } from './facts/store-facts.js';
import { nextOperation } from './history.js';
import type { OpenScope } from './insert-items.js';
import { insertItems } from './insert-items.js';
import { retireItem } from './retire-item.js';
import { lockScope } from './scope.js';
import { Script } from './script.js';
import { nextTurn } from './turns.js';

/** A turn or a summary that only has to be written. */
export interface LinkedItem {
  readonly draft: Draft;
  readonly session: string;
  readonly found: readonly Found[];
  /** The least number it may have; absent for what is no turn. */
  readonly from?: number;
  /** What a model was given for it, where a model wrote it. */
  readonly window?: SealedWindow | undefined;
  /** Ordinals of what it was made from, and of what it takes the place of. @throws {DataError} for those of another scope */
  readonly linked: (scope: number) => {
    readonly sources: readonly number[];
    readonly replaced: readonly number[];
  };
  readonly later: boolean;
}

export interface StoredItem {
  readonly scope: number;
  readonly ordinal: number;
  /** `undefined` for what is no turn. */
  readonly turn: number | undefined;
  readonly facts: readonly number[];
}

/** The item itself, with what it was made from, what it replaces and what was given for it. @returns its ordinal */
async function writeItem(
  context: Context,
  open: OpenScope,
  { draft, linked, session, window }: LinkedItem,
  turn: number | undefined,
): Promise<number> {
  const { transaction, scope, nextOrdinal: ordinal } = open;
  const { sources, replaced } = linked(scope);
  await Promise.all([
    insertItems(context, open, [{ ...draft, turn }]),
    insertRows(
      transaction,
      'sources',
      [...new Set(sources)].map((source) => ({ scope, ordinal, source })),
    ),
    ...replaced.map((old) => retireItem(open, old)),
  ]);
  if (window !== undefined) await writeWindow(context, transaction, { scope, ordinal, session }, window);
  return ordinal;
}

/** SQLSTATE of a division by zero, by which a script says that something else was written since. */
const overtaken = '22012';

/**
 * Reads what the item depends on, then sends everything in one go, so that no other waits while this program thinks. Every
 * writer changes the row of the scope, so that its `xmin` tells whether there was one meanwhile.
 *
 * @returns `undefined` where there was, or where the answer to a statement has to be looked at; then nothing is written
 */
async function storeAtOnce(context: Context, item: LinkedItem): Promise<StoredItem | undefined> {
  const { draft, session, found, from, later } = item;
  if (context.vectors !== undefined) return undefined;
  const { database, tenant } = context;
  const [place] = await database.query<{
    scope: number;
    nextOrdinal: number;
    version: string;
    operation: number;
    next: number;
  }>(
    `SELECT s.scope, s.next_ordinal AS "nextOrdinal", s.xmin::text AS version, nextval('operations')::float8 AS operation,
       coalesce((SELECT max(i.turn) + 1 FROM items i WHERE i.scope = s.scope AND i.session = $3), 0) AS next
     FROM scopes s WHERE s.tenant = $1 AND s.user_name = $2 AND s.item_count > 0`,
    [tenant, draft.user, session],
  );
  if (place === undefined) return undefined;
  const { scope, nextOrdinal, version, operation } = place;
  const turn = from === undefined ? undefined : Math.max(place.next, from);
  const ordinals = new Map([[0, nextOrdinal]]);
  const plan = await planFacts(context, database, scope, nextOrdinal + 1, found, ordinals);
  if (plan?.closes === true) return undefined;
  const transaction = new Script();
  await transaction.query(
    `SELECT 1 / (count(*) FILTER (WHERE s.xmin::text = $2))::int4
     FROM (SELECT xmin FROM scopes WHERE scope = $1 FOR UPDATE) AS s`,
    [scope, version],
  );
  const open = { transaction, scope, operation, at: context.now(), nextOrdinal };
  const ordinal = await writeItem(context, open, item, turn);
  const facts = plan && (await storePlan(context, open, plan)).get(0);
  try {
    await database.atOnce(transaction.statements, { later });
    return { scope, ordinal, turn, facts: facts ?? [] };
  } catch (error) {
    if (error instanceof StorageError && error.fields['sqlState'] === overtaken) return undefined;
    throw error;
  }
}

async function storeStepByStep(
  context: Context,
  transaction: Queryable,
  item: LinkedItem,
): Promise<StoredItem> {
  const { draft, session, found, from } = item;
  const [{ scope, nextOrdinal }, operation, next] = await Promise.all([
    lockScope(transaction, context.tenant, draft.user),
    nextOperation(transaction),
    nextTurn(transaction, context.tenant, draft.user, session),
  ]);
  const open = { transaction, scope, operation, at: context.now(), nextOrdinal };
  const turn = from === undefined ? undefined : Math.max(next, from);
  const ordinal = await writeItem(context, open, item, turn);
  const facts = await storeFacts(context, open, found, new Map([[0, ordinal]]));
  return { scope, ordinal, turn, facts: facts.get(0) ?? [] };
}

/** Stores the item in one transaction. */
export async function storeLinked(context: Context, item: LinkedItem): Promise<StoredItem> {
  return (
    (await storeAtOnce(context, item)) ??
    context.database.transaction((transaction) => storeStepByStep(context, transaction, item), {
      later: item.later,
    })
  );
}
