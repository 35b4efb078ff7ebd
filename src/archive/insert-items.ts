// Writes drafts: rows, postings, vectors, history and counts of one scope, all in the caller's transaction.
import type { Context } from './context.js';
import type { InsertRow, Queryable } from './database.js';
import { insertRows } from './database.js';
import type { Draft } from './drafts.js';
import { recordChanges } from './history.js';
import type { RecentState } from './recent-words.js';
import { addWords } from './recent-words.js';
import { addVectors } from './vector-index.js';

/** A scope while its transaction writes to it. */
export interface OpenScope {
  readonly transaction: Queryable;
  readonly scope: number;
  readonly operation: number;
  readonly at: Date;
  /** The ordinal of the next item. */
  nextOrdinal: number;
  recent: RecentState;
}

function rowOf(open: OpenScope, draft: Draft, ordinal: number): InsertRow {
  return {
    scope: open.scope,
    ordinal,
    kind: draft.kind,
    state: 'active',
    session: draft.session ?? null,
    turn: draft.turn ?? null,
    speaker: draft.speaker ?? null,
    document: draft.document ?? null,
    occurred_at: draft.occurredAt.toISOString(),
    recorded_at: open.at.toISOString(),
    event_from: draft.event?.from.toISOString() ?? null,
    event_to: draft.event?.to.toISOString() ?? null,
    expires_at: draft.expiresAt?.toISOString() ?? null,
    last_seen_at: draft.occurredAt.toISOString(),
    repeats: 0,
    tokens: draft.tokens,
    length: draft.analysis.length,
    superseded_at: null,
    content_key: draft.contentKey,
    text: draft.sealed,
    ...draft.restored,
  };
}

/** Stores the drafts and returns their ordinals. */
export async function insertItems(
  context: Context,
  open: OpenScope,
  drafts: readonly Draft[],
): Promise<readonly number[]> {
  if (drafts.length === 0) return [];
  const { transaction, scope } = open;
  const first = open.nextOrdinal;
  open.nextOrdinal += drafts.length;
  const ordinals = drafts.map((_, i) => first + i);
  const length = drafts.reduce((sum, draft) => sum + draft.analysis.length, 0);
  // Sent together, done in this order: none needs to know what became of another.
  await Promise.all([
    insertRows(
      transaction,
      'items',
      drafts.map((draft, i) => rowOf(open, draft, first + i)),
    ),
    addWords(
      open,
      drafts.map(({ analysis, bands }, i) => ({ ordinal: first + i, analysis, extra: bands })),
      context.ids,
    ),
    recordChanges(
      transaction,
      scope,
      open.operation,
      open.at,
      ordinals.map((ordinal) => ({
        ordinal,
        action: 'remember',
        field: 'state',
        before: null,
        after: 'active',
      })),
    ),
    transaction.query(
      `UPDATE scopes SET next_ordinal = $2::int4, item_count = item_count + $3::int4, total_length = total_length + $4::int8,
         indexed = $5::int4, settling = $6::int4, settled_parts = $7::int4, recent_terms = $8::int4 WHERE scope = $1`,
      [
        scope,
        open.nextOrdinal,
        drafts.length,
        length,
        open.recent.indexed,
        open.recent.settling,
        open.recent.settledParts,
        open.recent.recentTerms,
      ],
    ),
  ]);
  const { vectors } = context;
  if (vectors !== undefined)
    await addVectors(
      transaction,
      vectors,
      drafts.flatMap(({ embedding }, i) => (embedding ? [{ scope, ordinal: first + i, embedding }] : [])),
    );
  return ordinals;
}
