// Keeps what a model was given for an answer, without the texts: an outline with the ids of items, and why each was found.
// Knows nothing of what is in either; both are sealed as texts are.
import type { Context } from './context.js';
import { ownerOf } from './context.js';
import type { Queryable } from './database.js';
import { rowsOf } from './database.js';
import { idOf, placeOf } from './scope.js';
import type { ItemId } from './types.js';

/** What is kept with an answer. */
export interface AnswerWindow {
  /** Names items by their ids, and holds no text of them: it stays when one of them is forgotten. */
  readonly outline: string;
  /** What may hold words of an item, and goes when it is forgotten. */
  readonly details: ReadonlyMap<ItemId, string>;
}

/** Ready to be written. */
export interface SealedWindow {
  readonly outline: string;
  readonly items: readonly { readonly scope: number; readonly ordinal: number; readonly detail: string }[];
  readonly size: number;
}

/** Windows that are kept of one conversation: its last ones, so many and so long together. */
export const keptWindows = { count: 50, bytes: 2 ** 19 };

export async function sealWindow(
  context: Context,
  user: string,
  { outline, details }: AnswerWindow,
): Promise<SealedWindow> {
  const owner = ownerOf(context, user);
  const seal = (text: string): Promise<string> => context.cipher.seal(text, owner);
  const items = await Promise.all(
    [...details].map(async ([id, detail]) => Object.assign({ detail: await seal(detail) }, placeOf(id))),
  );
  const sealed = await seal(outline);
  const size = new TextEncoder().encode([sealed, ...items.map(({ detail }) => detail)].join('')).length;
  return { outline: sealed, items, size };
}

/**
 * Writes the window of an answer in the transaction that stores the answer, and erases those of its session that are beyond
 * the bounds. Of items that are gone meanwhile, or another tenant's, nothing is kept.
 */
export async function writeWindow(
  { tenant }: Pick<Context, 'tenant'>,
  transaction: Queryable,
  answer: { readonly scope: number; readonly ordinal: number; readonly session: string },
  { outline, items, size }: SealedWindow,
): Promise<void> {
  const { scope, ordinal, session } = answer;
  // Sent together, done in this order.
  await Promise.all([
    transaction.query(
      'INSERT INTO answer_windows (scope, ordinal, session, size, outline) VALUES ($1, $2, $3, $4, $5)',
      [scope, ordinal, session, size, outline],
    ),
    transaction.query(
      `INSERT INTO answer_window_items (scope, ordinal, item_scope, item_ordinal, detail)
       SELECT $1::int4, $2::int4, i.scope, i.ordinal, given.detail
       FROM ${rowsOf('given', { scope: '$3::int4[]', ordinal: '$4::int4[]', detail: '$5::text[]' })}
       CROSS JOIN LATERAL (
         SELECT scope, ordinal FROM items WHERE scope = given.scope AND ordinal = given.ordinal FOR KEY SHARE) AS i
       JOIN scopes s ON s.scope = i.scope WHERE s.tenant = $6`,
      [
        scope,
        ordinal,
        items.map((item) => item.scope),
        items.map((item) => item.ordinal),
        items.map(({ detail }) => detail),
        tenant,
      ],
    ),
    transaction.query(
      `WITH gone AS (
         DELETE FROM answer_windows w USING (
           SELECT ordinal, row_number() OVER latest AS n, sum(size) OVER latest AS total
           FROM answer_windows WHERE scope = $1 AND session = $2
           WINDOW latest AS (ORDER BY ordinal DESC)) AS kept
         WHERE w.scope = $1 AND w.ordinal = kept.ordinal AND (kept.n > $3::int4 OR kept.total > $4::int8)
         RETURNING w.ordinal)
       DELETE FROM answer_window_items i USING gone WHERE i.scope = $1 AND i.ordinal = gone.ordinal`,
      [scope, session, keptWindows.count, keptWindows.bytes],
    ),
  ]);
}

/** What was kept with an answer; `undefined` where nothing is, or the answer is another tenant's. */
export async function findWindow(context: Context, answer: ItemId): Promise<AnswerWindow | undefined> {
  const { database, tenant, cipher } = context;
  const { scope, ordinal } = placeOf(answer);
  const rows = await database.query<{
    user: string;
    outline: string;
    itemScope: number | null;
    itemOrdinal: number | null;
    detail: string | null;
  }>(
    `SELECT s.user_name AS "user", w.outline, i.item_scope AS "itemScope", i.item_ordinal AS "itemOrdinal", i.detail
     FROM answer_windows w JOIN scopes s USING (scope) LEFT JOIN answer_window_items i USING (scope, ordinal)
     WHERE s.tenant = $1 AND w.scope = $2 AND w.ordinal = $3`,
    [tenant, scope, ordinal],
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  const open = (sealed: string): Promise<string> => cipher.open(sealed, ownerOf(context, first.user));
  const details = rows.map(async ({ itemScope, itemOrdinal, detail }) =>
    itemScope === null || itemOrdinal === null || detail === null
      ? []
      : [[idOf({ scope: itemScope, ordinal: itemOrdinal }), await open(detail)] as const],
  );
  return { outline: await open(first.outline), details: new Map((await Promise.all(details)).flat()) };
}
