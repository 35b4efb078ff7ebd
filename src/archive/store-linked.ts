// Writes one item with what it was made from. Knows nothing of what it says.
import { StorageError } from '../core/errors.js';
import type { SealedWindow } from './answer-windows.js';
import { writeWindow } from './answer-windows.js';
import type { Context } from './context.js';
import type { Draft } from './drafts.js';
import type { NewFact } from './facts/reconcile.js';
import type { Found } from './facts/store-facts.js';
import { likelyFacts, lookUpFacts, storeFacts } from './facts/store-facts.js';
import type { OpenScope } from './insert-items.js';
import { insertItems } from './insert-items.js';
import { retireItem } from './retire-item.js';
import { writeProfile } from './session-profiles.js';
import { linkSources, linkSummary } from './sources.js';
import { writeToScope } from './write-scope.js';

/** A turn or a summary that only has to be written. */
export interface LinkedItem {
  readonly draft: Draft;
  readonly session: string;
  readonly found: readonly Found[];
  /** The least number it may have; absent for what is no turn. */
  readonly from?: number;
  /** What a model was given for it, where a model wrote it. */
  readonly window?: SealedWindow | undefined;
  /** What the session's answers begin from now (sealed), where that changed. */
  readonly profile?: string | undefined;
  /** Ordinals of what it was made from, and of what it takes the place of. @throws {DataError} for those of another scope */
  readonly linked: (scope: number) => {
    readonly sources: readonly number[];
    /** Of a summary: one from whose sources it was made too. */
    readonly continued?: number | undefined;
    readonly replaced: readonly number[];
  };
  readonly later: boolean;
}

export interface StoredItem {
  readonly scope: number;
  readonly ordinal: number;
  /** `undefined` for what is no turn. */
  readonly turn: number | undefined;
  /** Added or confirmed. */
  readonly facts: readonly number[];
  readonly added: readonly NewFact[];
}

/** The item itself, with what it was made from, what it replaces and what was given for it. @returns its ordinal */
async function writeItem(
  context: Context,
  open: OpenScope,
  { draft, linked, session, window, profile }: LinkedItem,
  turn: number | undefined,
): Promise<number> {
  const { transaction, scope, nextOrdinal: ordinal } = open;
  const { sources, continued, replaced } = linked(scope);
  await Promise.all([
    insertItems(context, open, [{ ...draft, turn }]),
    draft.kind === 'summary'
      ? linkSummary(transaction, scope, { ordinal, previous: continued, added: sources })
      : linkSources(
          transaction,
          scope,
          sources.map((source) => ({ ordinal, source })),
        ),
    ...replaced.map((old) => retireItem(open, old)),
  ]);
  if (window !== undefined) await writeWindow(context, transaction, { scope, ordinal, session }, window);
  if (profile !== undefined) await writeProfile(transaction, { scope, session }, profile);
  return ordinal;
}

/** SQLSTATE of a link to a source that is gone (sources.ts). */
const sourceGone = '23502';

/**
 * Stores the item in one transaction.
 *
 * @throws {StorageError} when something it was made from was forgotten meanwhile: then nothing is stored
 */
export async function storeLinked(context: Context, item: LinkedItem): Promise<StoredItem> {
  try {
    return await store(context, item);
  } catch (error) {
    if (!(error instanceof StorageError) || error.fields['sqlState'] !== sourceGone) throw error;
    throw new StorageError(
      'What this was made from was forgotten meanwhile, so that nothing was stored. Ask again.',
      { cause: error },
    );
  }
}

function store(context: Context, item: LinkedItem): Promise<StoredItem> {
  const { draft, session, found, from, later } = item;
  return writeToScope(context, {
    user: draft.user,
    items: 1 + found.length,
    sessions: from === undefined ? [] : [session],
    later,
    likely: likelyFacts(context, found),
    look: (database, scope) => lookUpFacts(context, database, scope, found),
    async write(open, known, turns) {
      const turn = from === undefined ? undefined : Math.max(turns.get(session) ?? 0, from);
      if (turn !== undefined) turns.set(session, turn + 1);
      const ordinal = await writeItem(context, open, item, turn);
      const { added, byPosition } = await storeFacts(context, open, known, new Map([[0, ordinal]]));
      return { scope: open.scope, ordinal, turn, facts: byPosition.get(0) ?? [], added };
    },
  });
}
