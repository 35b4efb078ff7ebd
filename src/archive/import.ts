// Reads an export back: all of it in one transaction, or nothing. What is there already is left as it is.
import { hash128 } from './analysis/term-ids.js';
import type { Context } from './context.js';
import { ownerOf } from './context.js';
import type { Queryable } from './database.js';
import { insertRows } from './database.js';
import type { Draft, DraftInput } from './drafts.js';
import { makeDrafts } from './drafts.js';
import { closeFacts, contradictedByImport, slotKeyOf, valueKeyOf } from './facts/reconcile.js';
import { groupBy } from './group.js';
import type { OpenScope } from './insert-items.js';
import { insertItems } from './insert-items.js';
import { nextOperation } from './history.js';
import { readLines } from './import-lines.js';
import type { LongWork } from './progress.js';
import { reportProgress } from './progress.js';
import { checkName, lockScope } from './scope.js';
import { importProfiles } from './session-profiles.js';
import { linkSources, linkSummary } from './sources.js';
import { importToolSteps } from './tool-steps.js';
import type { ExportedDocument, ExportedItem, ExportHeader } from './transfer-format.js';
import { checkHeader } from './transfer-format.js';

export interface ImportOptions extends LongWork {
  /** Whose memory it becomes; that of the user it was exported of when absent. */
  readonly user?: string;
}

export interface ImportReport {
  readonly user: string;
  readonly imported: number;
  /** Items that were there already. */
  readonly known: number;
  /** Sessions that have what their answers begin from now, and had nothing of it. */
  readonly profiles: number;
}

const batchSize = 1000;

/** Keys of encrypted stores mean nothing elsewhere: from such an export they are made anew, always the same. */
const keyOf = (context: Context, header: ExportHeader, key: string): string =>
  header.openKeys && context.cipher.keyId === undefined
    ? key
    : hash128(context.cipher.hashKey, `imported ${key}`);

function draftInput(item: ExportedItem, user: string): DraftInput {
  return {
    kind: item.kind,
    user,
    text: item.text,
    session: item.session,
    speaker: item.speaker,
    turn: item.turn,
    occurredAt: new Date(item.occurredAt),
    expiresAt: item.expiresAt === undefined ? undefined : new Date(item.expiresAt),
    identity: item.key,
    restored: {
      state: item.state,
      repeats: item.repeats,
      recorded_at: item.recordedAt,
      last_seen_at: item.lastSeenAt,
      superseded_at: item.supersededAt ?? null,
    },
  };
}

/** Numbers of the documents in this store, by their number in the export. */
async function importDocuments(
  context: Context,
  transaction: Queryable,
  scope: number,
  user: string,
  header: ExportHeader,
  documents: readonly ExportedDocument[],
): Promise<ReadonlyMap<number, number>> {
  const numbers = new Map<number, number>();
  for (const { document, title, addedAt, key } of documents) {
    const sealed = await context.cipher.seal(title, ownerOf(context, user));
    const [row] = await transaction.query<{ document: number }>(
      `WITH numbered AS (UPDATE scopes SET next_document = next_document + 1 WHERE scope = $1 RETURNING next_document - 1 AS document)
       INSERT INTO documents (scope, document, added_at, content_key, title)
       SELECT $1, document, $2::timestamptz, $3::uuid, $4 FROM numbered
       ON CONFLICT (scope, content_key) DO UPDATE SET title = documents.title RETURNING document`,
      [scope, addedAt, keyOf(context, header, key), sealed],
    );
    numbers.set(document, row?.document ?? 0);
  }
  return numbers;
}

/** Ordinals of the items that are here already, by content key. */
async function knownKeys(
  transaction: Queryable,
  scope: number,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const rows = await transaction.query<{ key: string; ordinal: number }>(
    'SELECT content_key::text AS key, ordinal FROM items WHERE scope = $1 AND content_key = ANY ($2::uuid[])',
    [scope, keys],
  );
  return new Map(rows.map(({ key, ordinal }) => [key, ordinal]));
}

/** Facts as they were exported; what is true here and contradicts them ends, or they do. */
async function importFacts(
  context: Context,
  open: OpenScope,
  user: string,
  items: readonly ExportedItem[],
  ordinals: ReadonlyMap<number, number>,
): Promise<void> {
  const owner = ownerOf(context, user);
  const rows = await Promise.all(
    items.flatMap((item) => {
      const { fact } = item;
      if (fact === undefined) return [];
      const { subject, attribute, value, single, negated, confidence } = fact;
      const detail = { subject, attribute, value };
      return [
        context.cipher.seal(JSON.stringify(detail), owner).then((sealed) => ({
          scope: open.scope,
          ordinal: ordinals.get(item.ordinal),
          slot_key: slotKeyOf(context, detail),
          value_key: valueKeyOf(context, value),
          single,
          negated,
          confidence,
          valid_from: fact.validFrom,
          valid_to: fact.validTo ?? null,
          detail: sealed,
        })),
      ];
    }),
  );
  await insertRows(open.transaction, 'facts', rows);
  const holding = new Map(
    items.flatMap(({ ordinal, fact }) => {
      const stored = ordinals.get(ordinal);
      return fact === undefined || fact.validTo !== undefined || stored === undefined
        ? []
        : [[stored, fact] as const];
    }),
  );
  await closeFacts(open, await contradictedByImport(context, open, holding));
}

/**
 * Imports what `exportUser` wrote, for the same user or another. Importing twice changes nothing the second time.
 * Recorded changes are not taken over: in this archive the import is what happened.
 *
 * @throws {DataError} naming the line that cannot be read; then nothing is imported
 */
export async function importUser(
  context: Context,
  lines: AsyncIterable<string> | Iterable<string>,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const [first, ...parsed] = await readLines(lines, options);
  const header = checkHeader(first);
  const user = checkName(options.user ?? header.user, 'user');
  const items = parsed.filter((line) => line.type === 'item');
  const documents = parsed.filter((line) => line.type === 'document');
  const begun = parsed.filter((line) => line.type === 'profile');
  const called = new Map(
    parsed.flatMap((line) => (line.type === 'tools' ? [[line.ordinal, line.steps]] : [])),
  );
  const drafts: Draft[] = [];
  for (let start = 0; start < items.length; start += batchSize) {
    const made = await makeDrafts(
      context,
      items.slice(start, start + batchSize).map((item) => draftInput(item, user)),
    );
    for (const draft of made) drafts.push({ ...draft, contentKey: keyOf(context, header, draft.identity) });
    reportProgress(options, { phase: 'words', done: drafts.length, total: items.length });
  }
  return context.database.transaction(async (transaction) => {
    const locked = await lockScope(transaction, context.tenant, user);
    const { scope, nextOrdinal } = locked;
    const operation = await nextOperation(transaction);
    const open: OpenScope = {
      transaction,
      scope,
      operation,
      at: context.now(),
      nextOrdinal,
      recent: locked,
    };
    const numbers = await importDocuments(context, transaction, scope, user, header, documents);
    const known = await knownKeys(
      transaction,
      scope,
      drafts.map(({ contentKey }) => contentKey),
    );
    const fresh = items.flatMap((item, i) => {
      const draft = drafts[i];
      if (draft === undefined || known.has(draft.contentKey)) return [];
      const document = item.document === undefined ? undefined : numbers.get(item.document);
      return [{ item, draft: Object.assign({}, draft, { document }) }];
    });
    const ordinals = new Map(
      items.map((item, i) => [item.ordinal, known.get(drafts[i]?.contentKey ?? '') ?? -1]),
    );
    for (let start = 0; start < fresh.length; start += batchSize) {
      const batch = fresh.slice(start, start + batchSize);
      const stored = await insertItems(
        context,
        open,
        batch.map(({ draft }) => draft),
      );
      for (const [i, { item }] of batch.entries()) ordinals.set(item.ordinal, stored[i] ?? -1);
      reportProgress(options, { phase: 'store', done: start + batch.length, total: fresh.length });
    }
    const newItems = fresh.map(({ item }) => item);
    const links = newItems.flatMap((item) =>
      item.sources.flatMap((source) => {
        const [ordinal, from] = [ordinals.get(item.ordinal), ordinals.get(source)];
        return ordinal === undefined || from === undefined || from < 0 ? [] : [{ ordinal, source: from }];
      }),
    );
    const summaries = new Set(
      newItems.flatMap(({ kind, ordinal }) => (kind === 'summary' ? (ordinals.get(ordinal) ?? []) : [])),
    );
    await linkSources(
      transaction,
      scope,
      links.filter(({ ordinal }) => !summaries.has(ordinal)),
    );
    for (const [ordinal, from] of groupBy(links, (link) => link.ordinal))
      if (summaries.has(ordinal))
        await linkSummary(transaction, scope, { ordinal, added: from.map(({ source }) => source) });
    await importFacts(context, open, user, newItems, ordinals);
    await importToolSteps(
      context,
      transaction,
      { scope, user },
      newItems.flatMap((item) => {
        const [ordinal, steps] = [ordinals.get(item.ordinal), called.get(item.ordinal)];
        return ordinal === undefined || steps === undefined ? [] : [{ ordinal, steps }];
      }),
    );
    const profiles = await importProfiles(context, transaction, { scope, user }, begun);
    return { user, imported: fresh.length, known: items.length - fresh.length, profiles };
  });
}
