// Everything that is held of a user, as JSON Lines. Vectors are left out: an import makes them again.
import type { Context } from './context.js';
import { ownerOf } from './context.js';
import type { FactDetail } from './facts/reconcile.js';
import { placeOf, requireScope } from './scope.js';
import { listProfiles } from './session-profiles.js';
import { sourcesOfItem } from './sources.js';
import { listToolSteps } from './tool-steps.js';
import type {
  ExportedDocument,
  ExportedHistory,
  ExportedItem,
  ExportedProfile,
  ExportedTools,
  ExportHeader,
} from './transfer-format.js';
import { exportVersion } from './transfer-format.js';
import type { ItemKind } from './types.js';

const pageSize = 500;

interface ItemRow {
  readonly ordinal: number;
  readonly kind: ItemKind;
  readonly state: 'active' | 'retired';
  readonly text: string;
  readonly key: string;
  readonly session: string | null;
  readonly turn: number | null;
  readonly speaker: string | null;
  readonly document: number | null;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  readonly expiresAt: Date | null;
  readonly supersededAt: Date | null;
  readonly lastSeenAt: Date;
  readonly repeats: number;
  readonly detail: string | null;
  readonly single: boolean;
  readonly negated: boolean;
  readonly confidence: number;
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
  readonly sources: readonly number[];
}

const itemQuery = `SELECT i.ordinal, i.kind, i.state, i.text, i.content_key::text AS key, i.session, i.turn, i.speaker, i.document,
    i.occurred_at AS "occurredAt", i.recorded_at AS "recordedAt", i.expires_at AS "expiresAt",
    i.superseded_at AS "supersededAt", i.last_seen_at AS "lastSeenAt", i.repeats, f.detail, f.single, f.negated,
    f.confidence, f.valid_from AS "validFrom", f.valid_to AS "validTo",
    coalesce(${sourcesOfItem}, '{}') AS sources
  FROM items i LEFT JOIN facts f USING (scope, ordinal)
  WHERE i.scope = $1 AND i.ordinal > $2 ORDER BY i.ordinal LIMIT $3`;

/** Without the fields that are null. */
function compact<T extends object>(record: T): { [K in keyof T]?: Exclude<T[K], null> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null)) as {
    [K in keyof T]?: Exclude<T[K], null>;
  };
}

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

async function exportedItem(context: Context, owner: string, row: ItemRow): Promise<ExportedItem> {
  const { ordinal, kind, state, key, repeats, sources, session, turn, speaker, document } = row;
  const detail =
    row.detail === null
      ? undefined
      : (JSON.parse(await context.cipher.open(row.detail, owner)) as FactDetail);
  return {
    type: 'item',
    ordinal,
    kind,
    state,
    text: await context.cipher.open(row.text, owner),
    key,
    repeats,
    sources: [...sources],
    occurredAt: row.occurredAt.toISOString(),
    recordedAt: row.recordedAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    ...compact({ session, turn, speaker, document }),
    ...compact({ expiresAt: iso(row.expiresAt), supersededAt: iso(row.supersededAt) }),
    ...(detail === undefined || row.validFrom === null
      ? {}
      : {
          fact: {
            ...detail,
            single: row.single,
            negated: row.negated,
            confidence: row.confidence,
            validFrom: row.validFrom.toISOString(),
            ...compact({ validTo: iso(row.validTo) }),
          },
        }),
  };
}

/**
 * One JSON object a line: a header, documents, items in the order they were stored, calls of tools, what sessions begin from,
 * then history.
 *
 * @throws {DataError} when nothing is held of the user
 */
export async function* exportUser(
  context: Context,
  user: string = context.defaultUser,
): AsyncGenerator<string> {
  const { database, cipher } = context;
  const { scope } = await requireScope(database, context.tenant, user);
  const owner = ownerOf(context, user);
  const header: ExportHeader = {
    type: 'header',
    format: 'mneme-archive',
    version: exportVersion,
    user,
    exportedAt: context.now().toISOString(),
    openKeys: cipher.keyId === undefined,
  };
  yield JSON.stringify(header);
  const documents = await database.query<{ document: number; title: string; addedAt: Date; key: string }>(
    `SELECT document, title, added_at AS "addedAt", content_key::text AS key FROM documents WHERE scope = $1 ORDER BY document`,
    [scope],
  );
  for (const { document, title, addedAt, key } of documents)
    yield JSON.stringify({
      type: 'document',
      document,
      title: await cipher.open(title, owner),
      addedAt: addedAt.toISOString(),
      key,
    } satisfies ExportedDocument);
  for (let after = -1; ;) {
    const rows = await database.query<ItemRow>(itemQuery, [scope, after, pageSize]);
    for (const row of rows) yield JSON.stringify(await exportedItem(context, owner, row));
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.ordinal;
  }
  for (const [message, steps] of await listToolSteps(context, { scope, user }))
    yield JSON.stringify({
      type: 'tools',
      ordinal: placeOf(message).ordinal,
      steps: [...steps],
    } satisfies ExportedTools);
  for (const profile of await listProfiles(context, { scope, user }))
    yield JSON.stringify({ type: 'profile', ...profile } satisfies ExportedProfile);
  yield* exportHistory(context, scope);
}

async function* exportHistory({ database }: Context, scope: number): AsyncGenerator<string> {
  for (let after = 0; ;) {
    const rows = await database.query<Omit<ExportedHistory, 'type' | 'at'> & { entry: number; at: Date }>(
      `SELECT entry::float8 AS entry, ordinal, operation::float8 AS operation, action, at, field, before, after
       FROM history WHERE scope = $1 AND entry > $2::int8 ORDER BY entry LIMIT $3`,
      [scope, after, pageSize],
    );
    for (const { entry: _entry, at, ...row } of rows)
      yield JSON.stringify({ type: 'history', ...row, at: at.toISOString() } satisfies ExportedHistory);
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.entry;
  }
}
