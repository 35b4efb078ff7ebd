// Sets new statements against what is held to be true: confirms, closes the interval of what they contradict, or adds.
import { hash64 } from '../analysis/term-ids.js';
import type { Context } from '../context.js';
import { ownerOf } from '../context.js';
import type { Queryable, Statement as SqlStatement } from '../database.js';
import { rowsOf } from '../database.js';
import type { Draft } from '../drafts.js';
import { makeDrafts } from '../drafts.js';
import { groupBy } from '../group.js';
import { recordUpdate } from '../history.js';
import type { OpenScope } from '../insert-items.js';
import { failsIf } from '../script.js';
import { simplified } from '../simplified.js';
import type { Statement } from './statement.js';

/** What a fact is about, kept sealed beside it. */
export interface FactDetail {
  readonly subject: string;
  readonly attribute: string;
  readonly value: string;
}

/** What is said to be true, as far as contradiction goes. */
type Claimed = FactDetail & Pick<Statement, 'single' | 'negated'>;

/** A statement with the item it becomes. */
export interface Stated {
  readonly statement: Statement;
  readonly draft: Draft;
  readonly sealedDetail: string;
}

/** A statement on its way into the store. */
export interface Claim extends Stated {
  /** Ordinal of the episode that says so. */
  readonly source: number;
}

/** A fact as far as contradiction goes. */
export interface Held {
  readonly ordinal: number;
  readonly slotKey: string;
  readonly valueKey: string;
  readonly negated: boolean;
  readonly validFrom: Date;
}

export interface NewFact extends Held {
  readonly claim: Claim;
  readonly validTo: Date | undefined;
}

/** What the transaction has to write. */
export interface Reconciliation {
  readonly added: readonly NewFact[];
  /** Facts that were said again, and where. */
  readonly confirmed: readonly { readonly ordinal: number; readonly source: number }[];
  /** Facts that no longer hold, and since when. */
  readonly closed: ReadonlyMap<number, Date>;
}

const plain = (text: string): string =>
  simplified(text.normalize('NFKC'))
    .toLowerCase()
    .replace(/^(?:the|an?|my|your|his|her|our|their)\s+/, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

export const slotKeyOf = (context: Context, { subject, attribute }: FactDetail): string =>
  hash64(context.cipher.hashKey, `slot ${plain(subject)}\n${plain(attribute)}`);

export const valueKeyOf = (context: Context, value: string): string =>
  hash64(context.cipher.hashKey, `value ${plain(value)}`);

/** Where facts lie that what is stated may confirm or contradict. */
interface Slots {
  /** Of what has one value only. */
  readonly single: readonly string[];
  /** Of what has many ("likes"), with the value; side by side. */
  readonly valued: readonly string[];
  readonly values: readonly string[];
}

function slotsOf(context: Context, claimed: readonly Claimed[]): Slots {
  const slotOf = (one: Claimed): string => slotKeyOf(context, one);
  const single = new Set(claimed.filter((one) => one.single).map(slotOf));
  const valued = claimed.filter((one) => !single.has(slotOf(one)));
  return {
    single: [...single],
    valued: valued.map(slotOf),
    values: valued.map(({ value }) => valueKeyOf(context, value)),
  };
}

/** SQL: the facts `f` that hold, in scope $1, of slots of one value ($2) and of slots with values ($3, $4). */
const holding = `FROM (
    SELECT f.* FROM ${rowsOf('asked', { slot: '$2::int8[]' })}
    CROSS JOIN LATERAL (
      SELECT * FROM facts WHERE scope = $1 AND slot_key = asked.slot AND valid_to IS NULL OFFSET 0) AS f
    UNION ALL
    SELECT f.* FROM ${rowsOf('asked', { slot: '$3::int8[]', value: '$4::int8[]' })}
    CROSS JOIN LATERAL (
      SELECT * FROM facts WHERE scope = $1 AND value_key = asked.value AND valid_to IS NULL OFFSET 0) AS f
    WHERE f.slot_key = asked.slot) AS f`;

const heldColumns = `f.ordinal, f.slot_key::text AS "slotKey", f.value_key::text AS "valueKey", f.negated, f.valid_from AS "validFrom"`;

/**
 * The facts that hold and that what is stated may confirm or contradict, by slot: of what has one value only, all of the slot;
 * of what has many ("likes"), those of the same value.
 */
export async function heldFacts(
  context: Context,
  database: Queryable,
  scope: number,
  claimed: readonly Claimed[],
): Promise<ReadonlyMap<string, readonly Held[]>> {
  if (claimed.length === 0) return new Map();
  const { single, valued, values } = slotsOf(context, claimed);
  const rows = await database.query<Held>(
    `SELECT DISTINCT ${heldColumns} ${holding}
     JOIN items i ON i.scope = f.scope AND i.ordinal = f.ordinal WHERE i.state = 'active' ORDER BY f.ordinal`,
    [scope, single, valued, values],
  );
  return groupBy(rows, (row) => row.slotKey);
}

/** Fails where a fact holds that what is stated may confirm or contradict. */
export function noneHeld(
  context: Context,
  scope: number,
  claimed: readonly Claimed[],
): readonly SqlStatement[] {
  if (claimed.length === 0) return [];
  const { single, valued, values } = slotsOf(context, claimed);
  return [failsIf(`SELECT ${holding}`, [scope, single, valued, values])];
}

/** What a correction puts right. */
interface Wrong extends FactDetail {
  readonly text: string;
}

/** The newest of what is stored that holds and has this value. */
async function storedWith(
  context: Context,
  database: Queryable,
  scope: number,
  value: string,
  user: string,
): Promise<Wrong | undefined> {
  const [row] = await database.query<{ detail: string; text: string }>(
    `SELECT f.detail, i.text FROM facts f JOIN items i USING (scope, ordinal)
     WHERE f.scope = $1 AND f.value_key = $2::int8 AND f.valid_to IS NULL AND i.state = 'active'
     ORDER BY f.ordinal DESC LIMIT 1`,
    [scope, valueKeyOf(context, value)],
  );
  if (row === undefined) return undefined;
  const owner = ownerOf(context, user);
  const detail = JSON.parse(await context.cipher.open(row.detail, owner)) as FactDetail;
  return { ...detail, text: await context.cipher.open(row.text, owner) };
}

/** The newest of statements that has this value and that none after it replaces. */
function statedWith(context: Context, earlier: readonly Stated[], value: string): Wrong | undefined {
  const key = valueKeyOf(context, value);
  const latest = new Map(earlier.map(({ statement }) => [slotKeyOf(context, statement), statement] as const));
  return [...latest.values()].findLast((statement) => valueKeyOf(context, statement.value) === key);
}

/** A value stands at the end of what says it, and may be in the subject too. */
function withValue({ text, value: old }: Wrong, value: string): string {
  const at = text.lastIndexOf(old);
  return at < 0 ? text : text.slice(0, at) + value + text.slice(at + old.length);
}

/**
 * "Not Paris but Rome": finds the newest fact that holds and has the value put right, and says the new value of it.
 * A correction of something nobody stated is dropped.
 *
 * @param earlier what was stated before it in the same batch, corrections resolved
 */
export async function resolveCorrection<T extends Stated>(
  context: Context,
  database: Queryable,
  scope: number,
  stated: T,
  earlier: readonly Stated[],
): Promise<T | undefined> {
  const { corrects } = stated.statement;
  if (corrects === undefined) return stated;
  const wrong =
    statedWith(context, earlier, corrects) ??
    (await storedWith(context, database, scope, corrects, stated.draft.user));
  if (wrong === undefined) return undefined;
  const { value } = stated.statement;
  const detail: FactDetail = { subject: wrong.subject, attribute: wrong.attribute, value: wrong.value };
  const owner = ownerOf(context, stated.draft.user);
  const text = withValue(wrong, value);
  const statement: Statement = { ...stated.statement, ...detail, value, text, single: true };
  const [draft] = await makeDrafts(context, [
    { ...stated.draft, text, identity: stated.draft.identity + text },
  ]);
  const sealedDetail = await context.cipher.seal(
    JSON.stringify({ ...detail, value } satisfies FactDetail),
    owner,
  );
  return draft && { ...stated, statement, draft, sealedDetail };
}

const contradicts = (claim: Pick<Claimed, 'single' | 'negated'>, valueKey: string, fact: Held): boolean =>
  fact.valueKey === valueKey
    ? fact.negated !== claim.negated
    : claim.single && !claim.negated && !fact.negated;

/**
 * Decides about claims in order; `known` are the facts that hold, by slot. Facts get ordinals from `firstOrdinal` on.
 * A claim about an earlier time than the fact it contradicts is closed itself, so that order of arrival does not matter.
 */
export function reconcile(
  context: Context,
  known: ReadonlyMap<string, readonly Held[]>,
  firstOrdinal: number,
  claims: readonly Claim[],
): Reconciliation {
  const held = new Map(known);
  const added: NewFact[] = [];
  const confirmed: { ordinal: number; source: number }[] = [];
  const closed = new Map<number, Date>();
  for (const claim of claims) {
    const slotKey = slotKeyOf(context, claim.statement);
    const valueKey = valueKeyOf(context, claim.statement.value);
    const inSlot = (held.get(slotKey) ?? []).filter((fact) => !closed.has(fact.ordinal));
    const same = inSlot.find(
      (fact) => fact.valueKey === valueKey && fact.negated === claim.statement.negated,
    );
    if (same !== undefined) {
      confirmed.push({ ordinal: same.ordinal, source: claim.source });
      continue;
    }
    const against = inSlot.filter((fact) => contradicts(claim.statement, valueKey, fact));
    const validFrom = claim.draft.occurredAt;
    const newer = against.find((fact) => fact.validFrom > validFrom);
    if (newer === undefined) for (const fact of against) closed.set(fact.ordinal, validFrom);
    const fact: NewFact = {
      ordinal: firstOrdinal + added.length,
      slotKey,
      valueKey,
      negated: claim.statement.negated,
      validFrom,
      validTo: newer?.validFrom,
      claim,
    };
    added.push(fact);
    if (newer === undefined) held.set(slotKey, [...inSlot, fact]);
  }
  return { added, confirmed, closed };
}

/**
 * Facts that came with an import, by ordinal, and those that were here: which of them no longer hold, and since when. Of two
 * that contradict each other the one that began earlier ends where the other begins.
 */
export async function contradictedByImport(
  context: Context,
  { transaction, scope }: Pick<OpenScope, 'transaction' | 'scope'>,
  imported: ReadonlyMap<number, Claimed>,
): Promise<ReadonlyMap<number, Date>> {
  const closed = new Map<number, Date>();
  const held = await heldFacts(context, transaction, scope, [...imported.values()]);
  for (const inSlot of held.values()) {
    const inOrder = inSlot.toSorted(
      (a, b) => a.validFrom.getTime() - b.validFrom.getTime() || a.ordinal - b.ordinal,
    );
    for (const [i, fact] of inOrder.entries()) {
      const later = inOrder.slice(i + 1).find((other) => {
        const claim = imported.get(fact.ordinal) ?? imported.get(other.ordinal);
        return claim !== undefined && contradicts({ ...claim, negated: other.negated }, other.valueKey, fact);
      });
      if (later !== undefined) closed.set(fact.ordinal, later.validFrom);
    }
  }
  return closed;
}

/** Closes facts: their interval, their item, and the episodes that said nothing else that still holds. */
export async function closeFacts(open: OpenScope, closed: ReadonlyMap<number, Date>): Promise<void> {
  if (closed.size === 0) return;
  const parameters = [open.scope, [...closed.keys()], [...closed.values()].map((date) => date.toISOString())];
  await Promise.all([
    recordUpdate(open, 'supersede', {
      update: `changed AS (
         UPDATE facts f SET valid_to = c.at FROM unnest($2::int4[], $3::timestamptz[]) AS c (ordinal, at)
         WHERE f.scope = $1 AND f.ordinal = c.ordinal AND f.valid_to IS NULL RETURNING f.ordinal, c.at)`,
      changes: `SELECT ordinal, 'valid_to', NULL, at::text FROM changed`,
      parameters,
    }),
    recordUpdate(open, 'supersede', {
      update: `changed AS (
         UPDATE items i SET superseded_at = c.at
         FROM (
           SELECT ordinal, at FROM unnest($2::int4[], $3::timestamptz[]) AS c (ordinal, at)
           UNION
           SELECT s.source, max(c.at) FROM unnest($2::int4[], $3::timestamptz[]) AS c (ordinal, at)
             JOIN sources s ON s.scope = $1 AND s.ordinal = c.ordinal
           WHERE NOT EXISTS (
             SELECT FROM sources o JOIN facts f ON f.scope = o.scope AND f.ordinal = o.ordinal
             WHERE o.scope = $1 AND o.source = s.source AND f.valid_to IS NULL)
           GROUP BY s.source
         ) AS c
         WHERE i.scope = $1 AND i.ordinal = c.ordinal AND i.superseded_at IS NULL RETURNING i.ordinal, c.at)`,
      changes: `SELECT ordinal, 'superseded_at', NULL, at::text FROM changed`,
      parameters,
    }),
  ]);
}
