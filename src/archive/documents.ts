// Documents: stored as chunks that are recalled one by one and forgotten together.
import { hash128 } from './analysis/term-ids.js';
import { chunksOf } from './chunks.js';
import type { Context } from './context.js';
import { ownerOf } from './context.js';
import type { Queryable } from './database.js';
import type { DraftInput } from './drafts.js';
import { makeDrafts } from './drafts.js';
import { checkText } from './episode-input.js';
import { nextOperation } from './history.js';
import { insertItems } from './insert-items.js';
import { toDate } from './moment.js';
import type { Redaction } from './privacy/redact.js';
import { checkName, idOf, lockScope, requireScope } from './scope.js';
import type { ItemId, Moment } from './types.js';

export interface DocumentInput {
  readonly title: string;
  readonly text: string;
  readonly user?: string;
  /** When it was written; now when absent. */
  readonly time?: Moment;
}

export interface DocumentOutcome {
  readonly status: 'stored' | 'duplicate';
  /** Number of the document within the user's memory. */
  readonly document: number;
  readonly chunks: readonly ItemId[];
  readonly redacted?: Redaction['counts'];
}

const maxDocumentLength = 20_000_000;

/** The document with that content, if it is there already. */
async function findDocument(
  database: Queryable,
  tenant: string,
  user: string,
  key: string,
): Promise<DocumentOutcome | undefined> {
  const [known] = await database.query<{
    scope: number;
    document: number;
    ordinals: readonly number[];
  }>(
    `SELECT d.scope, d.document,
       array(SELECT ordinal FROM items i WHERE i.scope = d.scope AND i.document = d.document ORDER BY turn) AS ordinals
     FROM documents d JOIN scopes s USING (scope) WHERE s.tenant = $1 AND s.user_name = $2 AND content_key = $3::uuid`,
    [tenant, user, key],
  );
  if (known === undefined) return undefined;
  const { scope, document, ordinals } = known;
  return { status: 'duplicate', document, chunks: ordinals.map((ordinal) => idOf({ scope, ordinal })) };
}

/**
 * Cuts a document into chunks and stores them in one transaction. The same title and text again is a `duplicate`.
 *
 * @throws {DataError} when the text is empty, longer than 20 million characters or not valid Unicode
 */
export async function addDocument(context: Context, input: DocumentInput): Promise<DocumentOutcome> {
  const given = checkText(input.text, maxDocumentLength, 'Store it in parts.');
  const redaction = context.redactor?.(given);
  const text = redaction?.text ?? given;
  const title = checkName(input.title, 'title');
  const user = checkName(input.user ?? context.defaultUser, 'user');
  const occurredAt = input.time === undefined ? context.now() : toDate(input.time, 'time');
  const identity = JSON.stringify(['document', title, text]);
  const key = hash128(context.cipher.hashKey, identity);
  const redacted = redaction === undefined ? {} : { redacted: redaction.counts };
  const known = await findDocument(context.database, context.tenant, user, key);
  if (known !== undefined) return { ...known, ...redacted };
  const inputs = chunksOf(text).map((chunk, turn): DraftInput => ({
    kind: 'chunk',
    user,
    text: chunk,
    turn,
    occurredAt,
    identity: JSON.stringify(['chunk', key, turn]),
  }));
  const drafts = await makeDrafts(context, inputs);
  const sealedTitle = await context.cipher.seal(title, ownerOf(context, user));
  return context.database.transaction(async (transaction): Promise<DocumentOutcome> => {
    const locked = await lockScope(transaction, context.tenant, user);
    const { scope, nextOrdinal } = locked;
    const meanwhile = await findDocument(transaction, context.tenant, user, key);
    if (meanwhile !== undefined) return { ...meanwhile, ...redacted };
    const [row] = await transaction.query<{ document: number }>(
      `WITH numbered AS (UPDATE scopes SET next_document = next_document + 1 WHERE scope = $1 RETURNING next_document - 1 AS document)
       INSERT INTO documents (scope, document, added_at, content_key, title)
       SELECT $1, document, $2::timestamptz, $3::uuid, $4 FROM numbered RETURNING document`,
      [scope, context.now(), key, sealedTitle],
    );
    const document = row?.document ?? 0;
    const operation = await nextOperation(transaction);
    const open = { transaction, scope, operation, at: context.now(), nextOrdinal, recent: locked };
    const ordinals = await insertItems(
      context,
      open,
      drafts.map((draft) => Object.assign({}, draft, { document })),
    );
    const chunks = ordinals.map((ordinal) => idOf({ scope, ordinal }));
    return { status: 'stored', document, chunks, ...redacted };
  });
}

export interface DocumentView {
  readonly document: number;
  readonly title: string;
  readonly addedAt: string;
  readonly chunks: number;
}

/** The documents held of a user, oldest first. */
export async function listDocuments(context: Context, user?: string): Promise<readonly DocumentView[]> {
  const scope = await requireScope(context.database, context.tenant, user ?? context.defaultUser);
  const rows = await context.database.query<{
    document: number;
    title: string;
    addedAt: Date;
    chunks: number;
  }>(
    `SELECT document, title, added_at AS "addedAt",
       (SELECT count(*)::int4 FROM items i WHERE i.scope = d.scope AND i.document = d.document) AS chunks
     FROM documents d WHERE scope = $1 ORDER BY document`,
    [scope.scope],
  );
  const owner = ownerOf(context, scope.user);
  return Promise.all(
    rows.map(async ({ document, title, addedAt, chunks }) => ({
      document,
      title: await context.cipher.open(title, owner),
      addedAt: addedAt.toISOString(),
      chunks,
    })),
  );
}
