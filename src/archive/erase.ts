// Erases items of one scope everywhere: rows, facts, sources, vectors, history, postings, counts. Knows nothing of why.
import type { Context } from './context.js';
import { ownerOf } from './context.js';
import type { Queryable } from './database.js';
import { bandIds, indexedText } from './drafts.js';
import { wordingOf } from './near-duplicate.js';
import type { IndexedItem } from './postings.js';
import { removePostings } from './postings.js';
import type { ItemKind } from './types.js';
import { dropHeldCodes } from './recall/held-codes.js';
import { dropHeldScope } from './recall/read-scope.js';
import { eraseOrphanProfiles } from './session-profiles.js';
import { findVectorIndex, tableOf } from './vector-index.js';

/** How many of each kind of record are gone. */
export interface Removed {
  readonly episodes: number;
  readonly facts: number;
  readonly chunks: number;
  readonly summaries: number;
  readonly documents: number;
  readonly vectors: number;
  readonly historyEntries: number;
  /** What models were given for answers: gone with the answer, or with the reasons for which an erased item stood in it. */
  readonly windows: number;
  /** What answers of a conversation always began from. */
  readonly profiles: number;
  /** Calls of tools on the way to an answer, with what they gave. */
  readonly toolSteps: number;
}

export const nothingRemoved: Removed = {
  episodes: 0,
  facts: 0,
  chunks: 0,
  summaries: 0,
  documents: 0,
  vectors: 0,
  historyEntries: 0,
  windows: 0,
  profiles: 0,
  toolSteps: 0,
};

export const addRemoved = (a: Removed, b: Removed): Removed => ({
  episodes: a.episodes + b.episodes,
  facts: a.facts + b.facts,
  chunks: a.chunks + b.chunks,
  summaries: a.summaries + b.summaries,
  documents: a.documents + b.documents,
  vectors: a.vectors + b.vectors,
  historyEntries: a.historyEntries + b.historyEntries,
  windows: a.windows + b.windows,
  profiles: a.profiles + b.profiles,
  toolSteps: a.toolSteps + b.toolSteps,
});

/**
 * What must go with the items given: summaries and answers made from them, facts that have no other source, and, unless
 * `keepSources`, the episodes a fact was taken from, with all that follows from those.
 */
export async function closureOf(
  transaction: Queryable,
  scope: number,
  ordinals: readonly number[],
  keepSources: boolean,
): Promise<readonly number[]> {
  const gone = new Set(ordinals);
  for (let frontier = [...gone]; frontier.length > 0;) {
    const rows = await transaction.query<{ ordinal: number }>(
      `SELECT s.source AS ordinal FROM sources s JOIN items i USING (scope, ordinal)
       WHERE s.scope = $1 AND s.ordinal = ANY ($2::int4[]) AND i.kind = 'fact' AND NOT $4::boolean
       UNION
       SELECT d.ordinal FROM sources d JOIN items i USING (scope, ordinal)
       WHERE d.scope = $1 AND d.source = ANY ($2::int4[]) AND (i.kind = 'episode' OR NOT EXISTS (
         SELECT FROM sources o WHERE o.scope = d.scope AND o.ordinal = d.ordinal AND o.source <> ALL ($3::int4[])))
       UNION
       SELECT m.ordinal FROM summary_sources m CROSS JOIN LATERAL unnest(m.sources) AS made (source)
       JOIN unnest($2::int4[]) AS gone (source) ON gone.source = made.source WHERE m.scope = $1`,
      [scope, frontier, [...gone], keepSources],
    );
    frontier = rows.map(({ ordinal }) => ordinal).filter((ordinal) => !gone.has(ordinal));
    for (const ordinal of frontier) gone.add(ordinal);
  }
  return [...gone].sort((a, b) => a - b);
}

interface Row {
  readonly ordinal: number;
  readonly kind: ItemKind;
  readonly speaker: string | null;
  readonly length: number;
  readonly text: string;
}

/** An item as the index holds it, worked out again from its text. */
export function indexedItem(context: Context, row: Omit<Row, 'length'>, text: string): IndexedItem {
  const analysis = context.analyzer.analyze(indexedText({ text, speaker: row.speaker ?? undefined }));
  return {
    ordinal: row.ordinal,
    analysis,
    extra: row.kind === 'episode' ? bandIds(context, wordingOf(text, row.speaker ?? undefined)) : [],
  };
}

async function countIn(
  transaction: Queryable,
  table: string,
  scope: number,
  ordinals: readonly number[],
): Promise<number> {
  const rows = await transaction.query<{ n: number }>(
    `SELECT count(*)::int4 AS n FROM ${table} WHERE scope = $1 AND ordinal = ANY ($2::int4[])`,
    [scope, ordinals],
  );
  return rows[0]?.n ?? 0;
}

/** Windows that go with their answer, or lose why an item stood in them; of some items of the scope, or of all. */
async function countWindows(
  transaction: Queryable,
  scope: number,
  ordinals: readonly number[] | null,
): Promise<number> {
  const rows = await transaction.query<{ n: number }>(
    `SELECT count(*)::int4 AS n FROM (
       SELECT scope, ordinal FROM answer_windows WHERE scope = $1 AND ($2::int4[] IS NULL OR ordinal = ANY ($2::int4[]))
       UNION SELECT scope, ordinal FROM answer_window_items
       WHERE item_scope = $1 AND ($2::int4[] IS NULL OR item_ordinal = ANY ($2::int4[]))) AS windows`,
    [scope, ordinals],
  );
  return rows[0]?.n ?? 0;
}

/** Lets go of what is held in memory of a scope. */
function dropHeld({ database, turns }: Context, scope: number): void {
  dropHeldCodes(database, scope);
  dropHeldScope(database, scope);
  turns.forget(scope);
}

/** The caller has locked the scope. What belongs to an item goes with it by a trigger; the rest is done here. */
export async function eraseItems(
  context: Context,
  transaction: Queryable,
  scope: number,
  user: string,
  ordinals: readonly number[],
): Promise<Removed> {
  const rows = await transaction.query<Row>(
    `SELECT ordinal, kind, speaker, length, text FROM items WHERE scope = $1 AND ordinal = ANY ($2::int4[])`,
    [scope, ordinals],
  );
  if (rows.length === 0) return nothingRemoved;
  const owner = ownerOf(context, user);
  const indexed: IndexedItem[] = [];
  for (const row of rows) indexed.push(indexedItem(context, row, await context.cipher.open(row.text, owner)));
  await removePostings(transaction, scope, indexed, context.ids);
  const index = context.vectors ?? (await findVectorIndex(transaction));
  const vectors = index === undefined ? 0 : await countIn(transaction, tableOf(index), scope, ordinals);
  const historyEntries = await countIn(transaction, 'history', scope, ordinals);
  const windows = await countWindows(transaction, scope, ordinals);
  const toolSteps = await countIn(transaction, 'tool_steps', scope, ordinals);
  await transaction.query('DELETE FROM items WHERE scope = $1 AND ordinal = ANY ($2::int4[])', [
    scope,
    ordinals,
  ]);
  const documents = await transaction.query(
    `DELETE FROM documents d WHERE d.scope = $1 AND NOT EXISTS (
       SELECT FROM items i WHERE i.scope = d.scope AND i.document = d.document) RETURNING d.document`,
    [scope],
  );
  const profiles = await eraseOrphanProfiles(transaction, scope);
  await transaction.query(
    'UPDATE scopes SET item_count = item_count - $2::int4, total_length = total_length - $3::int8 WHERE scope = $1',
    [scope, rows.length, rows.reduce((sum, { length }) => sum + length, 0)],
  );
  for (const { ordinal } of rows) context.recalled.forget(scope, ordinal);
  dropHeld(context, scope);
  const ofKind = (kind: ItemKind): number => rows.filter((row) => row.kind === kind).length;
  return {
    episodes: ofKind('episode'),
    facts: ofKind('fact'),
    chunks: ofKind('chunk'),
    summaries: ofKind('summary'),
    documents: documents.length,
    vectors,
    historyEntries,
    windows,
    profiles,
    toolSteps,
  };
}

/** Everything of a user goes with the scope, and with it the user's name: all tables refer to it. */
export async function eraseScope(context: Context, transaction: Queryable, scope: number): Promise<Removed> {
  const count = async (table: string, condition = 'true'): Promise<number> => {
    const rows = await transaction.query<{ n: number }>(
      `SELECT count(*)::int4 AS n FROM ${table} WHERE scope = $1 AND ${condition}`,
      [scope],
    );
    return rows[0]?.n ?? 0;
  };
  const index = context.vectors ?? (await findVectorIndex(transaction));
  const removed: Removed = {
    episodes: await count('items', `kind = 'episode'`),
    facts: await count('items', `kind = 'fact'`),
    chunks: await count('items', `kind = 'chunk'`),
    summaries: await count('items', `kind = 'summary'`),
    documents: await count('documents'),
    vectors: index === undefined ? 0 : await count(tableOf(index)),
    historyEntries: await count('history'),
    windows: await countWindows(transaction, scope, null),
    profiles: await count('session_profiles'),
    toolSteps: await count('tool_steps'),
  };
  await transaction.query('DELETE FROM scopes WHERE scope = $1', [scope]);
  context.recalled.forget(scope);
  dropHeld(context, scope);
  return removed;
}
