// Keeps the calls of tools between a message and its answer, with what they gave: part of the turn, and never recalled. Knows
// nothing of who calls.
import type { Context } from './context.js';
import { ownerOf, storableText } from './context.js';
import type { Queryable } from './database.js';
import { rowsOf } from './database.js';
import { groupBy } from './group.js';
import type { Scope } from './scope.js';
import { columnsOf, idOf, placeOf } from './scope.js';
import { Script } from './script.js';
import type { ItemId } from './types.js';

/** A call that a model asks for; whoever offered the tool makes it. */
export interface ToolCall {
  /** Names the call, for the message that answers it. */
  readonly id: string;
  readonly name: string;
  /** JSON, as the model wrote it: it may be broken. */
  readonly arguments: string;
}

/** A call, and what it gave: nothing where nobody has told it. */
export interface AnsweredCall extends ToolCall {
  readonly result?: string;
}

/** What a model asked for on its way to an answer, with what it said beside; a call and its result are never parted. */
export interface ToolStep {
  readonly text: string;
  readonly calls: readonly AnsweredCall[];
}

/** As they are stored: personal data may be replaced. */
export function storableSteps(
  context: Pick<Context, 'redactor'>,
  steps: readonly ToolStep[],
): readonly ToolStep[] {
  const redacted = (text: string): string => storableText(context, text);
  return steps.map(({ text, calls }) => ({
    text: redacted(text),
    calls: calls.map(({ id, name, arguments: given, result }) => ({
      id,
      name,
      arguments: redacted(given),
      ...(result !== undefined && { result: redacted(result) }),
    })),
  }));
}

const seal = (context: Context, user: string, step: ToolStep): Promise<string> =>
  // JSON: what a tool gives may have characters that a database does not take.
  context.cipher.seal(JSON.stringify(step), ownerOf(context, user));

/** A sealed step as it was stored. */
export const openStep = async (context: Context, user: string, sealed: string): Promise<ToolStep> =>
  JSON.parse(await context.cipher.open(sealed, ownerOf(context, user))) as ToolStep;

export interface ToolStepsInput {
  readonly user: string;
  /** The item of the message. */
  readonly message: ItemId;
  /** All of them, in order; those that are there and not among them are erased. */
  readonly steps: readonly ToolStep[];
  /** How many are there already as they are given. */
  readonly unchanged?: number;
}

/** Writes the steps of a message, in one transaction. A message that is gone gets none. */
export async function writeToolSteps(
  context: Context,
  { user, message, steps, unchanged = 0 }: ToolStepsInput,
): Promise<void> {
  const { database, tenant, turns } = context;
  const { scope, ordinal } = placeOf(message);
  const written = storableSteps(context, steps).slice(unchanged);
  const contents = await Promise.all(written.map((step) => seal(context, user, step)));
  const script = new Script();
  const own = [scope, tenant, user];
  // First of all, so that the scope is locked before the message is looked for.
  await script.query(`UPDATE scopes s SET steps = steps + 1 WHERE ${ownScope}`, own);
  await insertSteps(
    script,
    own,
    [{ ordinal, contents, first: unchanged }],
    'DO UPDATE SET content = EXCLUDED.content',
  );
  await script.query(
    `DELETE FROM tool_steps t USING scopes s
     WHERE ${ownScope} AND t.scope = s.scope AND t.ordinal = $4 AND t.step >= $5`,
    [...own, ordinal, steps.length],
  );
  await database.atOnce(script.statements);
  turns.forget(scope);
}

/** Steps of a message from the `first` on (sealed). */
interface StepRows {
  readonly ordinal: number;
  readonly first?: number;
  readonly contents: readonly string[];
}

/** Of `scopes s`: the one of $1, if it is that of tenant $2 and user $3. */
const ownScope = 's.scope = $1 AND s.tenant = $2 AND s.user_name = $3';

async function insertSteps(
  transaction: Queryable,
  own: readonly unknown[],
  messages: readonly StepRows[],
  onConflict: string,
): Promise<void> {
  const rows = messages.flatMap(({ ordinal, first = 0, contents }) =>
    contents.map((content, n) => ({ ordinal, step: first + n, content })),
  );
  if (rows.length === 0) return;
  await transaction.query(
    `INSERT INTO tool_steps (scope, ordinal, step, content) SELECT i.scope, i.ordinal, given.step, given.content
     FROM scopes s JOIN items i USING (scope)
     JOIN unnest($4::int4[], $5::int4[], $6::text[]) AS given (ordinal, step, content) ON given.ordinal = i.ordinal
     WHERE ${ownScope} ON CONFLICT (scope, ordinal, step) ${onConflict}`,
    [
      ...own,
      rows.map(({ ordinal }) => ordinal),
      rows.map(({ step }) => step),
      rows.map(({ content }) => content),
    ],
  );
}

interface Row {
  readonly scope: number;
  readonly ordinal: number;
  readonly user: string;
  readonly content: string;
}

async function openRows(
  context: Context,
  rows: readonly Row[],
): Promise<ReadonlyMap<ItemId, readonly ToolStep[]>> {
  const opened = await Promise.all(
    rows.map(async (row) => ({ id: idOf(row), step: await openStep(context, row.user, row.content) })),
  );
  const byMessage = groupBy(opened, ({ id }) => id);
  return new Map([...byMessage].map(([id, of]) => [id, of.map(({ step }) => step)]));
}

/** Those of these messages that have any. */
export async function findToolSteps(
  context: Context,
  messages: readonly ItemId[],
): Promise<ReadonlyMap<ItemId, readonly ToolStep[]>> {
  const rows = await context.database.query<Row>(
    `SELECT t.scope, t.ordinal, s.user_name AS "user", t.content
     FROM ${rowsOf('found', { scope: '$2::int4[]', ordinal: '$3::int4[]' })} JOIN tool_steps t USING (scope, ordinal)
     JOIN scopes s USING (scope) WHERE s.tenant = $1 ORDER BY t.scope, t.ordinal, t.step`,
    [context.tenant, ...columnsOf(messages.map(placeOf))],
  );
  return openRows(context, rows);
}

/** All those of a user, by their messages. */
export async function listToolSteps(
  context: Context,
  { scope, user }: Pick<Scope, 'scope' | 'user'>,
  database: Queryable = context.database,
): Promise<ReadonlyMap<ItemId, readonly ToolStep[]>> {
  const rows = await database.query<Omit<Row, 'user'>>(
    'SELECT scope, ordinal, content FROM tool_steps WHERE scope = $1 ORDER BY ordinal, step',
    [scope],
  );
  return openRows(
    context,
    rows.map((row) => Object.assign({ user }, row)),
  );
}

/** Messages for which something was called that has every one of these terms: they are no items, which an index finds. */
export async function messagesWithSteps(
  context: Context,
  transaction: Queryable,
  scope: Pick<Scope, 'scope' | 'user'>,
  terms: readonly string[],
): Promise<readonly number[]> {
  const found: number[] = [];
  for (const [message, steps] of await listToolSteps(context, scope, transaction)) {
    const said = context.analyzer.analyze(textOfSteps(steps)).terms;
    if (terms.every((term) => said.has(term))) found.push(placeOf(message).ordinal);
  }
  return found;
}

const textOfSteps = (steps: readonly ToolStep[]): string =>
  steps
    .flatMap(({ text, calls }) => [
      text,
      ...calls.flatMap(({ name, arguments: given, result = '' }) => [name, given, result]),
    ])
    .join('\n');

/** Another item in the place of a message has its steps too. */
export async function carryToolSteps(
  transaction: Queryable,
  scope: number,
  from: number,
  to: number,
): Promise<void> {
  await transaction.query(
    `INSERT INTO tool_steps (scope, ordinal, step, content)
     SELECT scope, $3::int4, step, content FROM tool_steps WHERE scope = $1 AND ordinal = $2`,
    [scope, from, to],
  );
}

/** Takes in those of an export, for messages that are new here. */
export async function importToolSteps(
  context: Context,
  transaction: Queryable,
  { scope, user }: Pick<Scope, 'scope' | 'user'>,
  messages: readonly { readonly ordinal: number; readonly steps: readonly ToolStep[] }[],
): Promise<void> {
  if (messages.length === 0) return;
  const rows = await Promise.all(
    messages.map(async ({ ordinal, steps }) => ({
      ordinal,
      contents: await Promise.all(storableSteps(context, steps).map((step) => seal(context, user, step))),
    })),
  );
  await insertSteps(transaction, [scope, context.tenant, user], rows, 'DO NOTHING');
  await transaction.query('UPDATE scopes SET steps = steps + 1 WHERE scope = $1', [scope]);
}
