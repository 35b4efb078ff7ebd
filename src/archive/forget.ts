// Forgetting: chooses what goes, erases it everywhere in one transaction per user, and proves it with a receipt.
import { DataError } from '../core/errors.js';
import type { Context } from './context.js';
import type { Queryable } from './database.js';
import type { Removed } from './erase.js';
import { addRemoved, closureOf, eraseItems, eraseScope, nothingRemoved } from './erase.js';
import { checkText } from './episode-input.js';
import { groupBy } from './group.js';
import { readWords } from './recent-words.js';
import type { Scope } from './scope.js';
import { idOf, listScopes, lockScope, placesOfTenant, requireScope } from './scope.js';
import { eraseProfilesWith } from './session-profiles.js';
import { messagesWithSteps } from './tool-steps.js';
import type { VectorIndex } from './vector-index.js';
import { tableOf } from './vector-index.js';
import type { ItemId } from './types.js';

/** What to forget. Exactly one way of choosing; `user` belongs to session, document, query, expired and weakerThan. */
export type ForgetChoice =
  | { readonly ids: readonly ItemId[] }
  | { readonly session: string; readonly user?: string }
  | { readonly document: number; readonly user?: string }
  /** Everything that contains every word of the query; a turn, where the calls of tools for it do. */
  | { readonly query: string; readonly user?: string }
  /** Everything held of a user. */
  | { readonly user: string }
  /** What has expired, of all users unless one is named. */
  | { readonly expired: true; readonly user?: string }
  /**
   * Episodes whose strength fell below a limit: 2^(-age / half-life) (1 + ln(1 + repeats)), age counted from when they
   * were last said. What a fact that holds was taken from stays.
   */
  | { readonly weakerThan: number; readonly halfLifeDays?: number; readonly user?: string };

export interface ForgetOptions {
  /** Erases a fact but not the episodes that say it. They will still be recalled. */
  readonly keepSources?: boolean;
  /** Only says what would go. */
  readonly dryRun?: boolean;
  /** Rewrites the store's files afterwards, so that nothing is left in free space. Takes time in proportion to the store. */
  readonly scrub?: boolean;
}

const defaultHalfLifeDays = 180;

export interface Receipt {
  /** Names the receipt in the store; absent of a dry run. */
  readonly id?: string;
  readonly at: string;
  /** How it was chosen, without the words. */
  readonly reason: string;
  readonly removed: Removed;
  /** What was erased, or would be. */
  readonly ids: readonly ItemId[];
  /** Whether the files were rewritten. */
  readonly scrubbed: boolean;
}

function checkStrength(choice: ForgetChoice): void {
  if (!('weakerThan' in choice)) return;
  const { weakerThan, halfLifeDays = defaultHalfLifeDays } = choice;
  if (weakerThan >= 0 && halfLifeDays > 0 && Number.isFinite(weakerThan + halfLifeDays)) return;
  throw new DataError(
    `weakerThan is ${weakerThan} and halfLifeDays ${halfLifeDays}. Give a strength of at least 0 and a half-life above 0.`,
    { fields: { weakerThan, halfLifeDays } },
  );
}

const reasonOf = (choice: ForgetChoice): string =>
  ['ids', 'session', 'document', 'query', 'expired', 'weakerThan', 'user'].find((key) => key in choice) ??
  'unknown';

async function ordinalsBy(
  database: Queryable,
  scope: number,
  condition: string,
  parameters: readonly unknown[],
): Promise<readonly number[]> {
  const rows = await database.query<{ ordinal: number }>(
    `SELECT ordinal FROM items i WHERE scope = $1 AND ${condition}`,
    [scope, ...parameters],
  );
  return rows.map(({ ordinal }) => ordinal);
}

/** @throws {DataError} when it has no telling word */
function termsOf(context: Context, query: string): readonly string[] {
  const terms = [...context.analyzer.analyze(checkText(query, 10_000, 'Use fewer words.')).terms.keys()];
  if (terms.length === 0)
    throw new DataError(
      `The query ${JSON.stringify(query)} has only words that are in everything. Add a telling word.`,
    );
  return terms;
}

/** Items that contain every one of these terms. */
async function ordinalsWithAll(
  context: Context,
  transaction: Queryable,
  scope: number,
  terms: readonly string[],
): Promise<readonly number[]> {
  const lists = (
    await readWords(
      transaction,
      [scope],
      terms.map((term) => context.ids.idOf(term)),
    )
  ).get(scope);
  const [first, ...others] = terms.map((_, n) => new Set(lists?.get(n)?.ordinals));
  return [...(first ?? [])].filter((ordinal) => others.every((set) => set.has(ordinal)));
}

/** Ordinals of one scope that the choice names. @param terms those of its query, where it has one */
async function choose(
  context: Context,
  transaction: Queryable,
  known: Scope,
  choice: ForgetChoice,
  terms: readonly string[] | undefined,
): Promise<readonly number[]> {
  const { scope } = known;
  if ('session' in choice) return ordinalsBy(transaction, scope, 'session = $2', [choice.session]);
  if ('document' in choice) return ordinalsBy(transaction, scope, 'document = $2', [choice.document]);
  if (terms !== undefined)
    return [
      ...(await ordinalsWithAll(context, transaction, scope, terms)),
      // What was called for a message is part of its turn, and the answer is made of it.
      ...(await messagesWithSteps(context, transaction, known, terms)),
    ];
  if ('expired' in choice)
    return ordinalsBy(transaction, scope, 'expires_at <= $2::timestamptz', [context.now()]);
  if ('weakerThan' in choice)
    return ordinalsBy(
      transaction,
      scope,
      `kind = 'episode' AND power(2.0, -extract(epoch FROM $2::timestamptz - last_seen_at) / 86400 / $3::float8)
         * (1 + ln(1 + repeats)) < $4::float8
       AND NOT EXISTS (SELECT FROM sources s JOIN facts f USING (scope, ordinal)
         WHERE s.scope = i.scope AND s.source = i.ordinal AND f.valid_to IS NULL)`,
      [context.now(), choice.halfLifeDays ?? defaultHalfLifeDays, choice.weakerThan],
    );
  return ordinalsBy(transaction, scope, 'true', []);
}

interface Target {
  readonly scope: Scope;
  readonly ordinals?: readonly number[];
}

/** The scopes a choice is about, and for chosen ids the ordinals in each. */
async function scopesOf(context: Context, choice: ForgetChoice): Promise<readonly Target[]> {
  const { database, tenant } = context;
  if ('ids' in choice) {
    const places = await placesOfTenant(database, tenant, choice.ids);
    const byScope = groupBy(places, ({ scope }) => scope);
    const scopes = await listScopes(database, tenant);
    return scopes
      .filter(({ scope }) => byScope.has(scope))
      .map((scope) => ({ scope, ordinals: (byScope.get(scope.scope) ?? []).map(({ ordinal }) => ordinal) }));
  }
  if (choice.user === undefined && ('expired' in choice || 'weakerThan' in choice))
    return (await listScopes(database, tenant)).map((scope) => ({ scope }));
  return [{ scope: await requireScope(database, tenant, choice.user ?? context.defaultUser) }];
}

/** Erases the chosen of one scope, or only says what that would be. */
async function forgetIn(
  context: Context,
  transaction: Queryable,
  target: Target,
  choice: ForgetChoice,
  options: ForgetOptions,
): Promise<{ readonly removed: Removed; readonly ordinals: readonly number[] }> {
  const { scope } = target;
  const terms = 'query' in choice ? termsOf(context, choice.query) : undefined;
  const chosen = target.ordinals ?? (await choose(context, transaction, scope, choice, terms));
  const ordinals = await closureOf(transaction, scope.scope, chosen, options.keepSources ?? false);
  if (options.dryRun) return { removed: nothingRemoved, ordinals };
  const removed =
    reasonOf(choice) === 'user'
      ? await eraseScope(context, transaction, scope.scope)
      : await eraseItems(context, transaction, scope.scope, scope.user, ordinals);
  if (terms === undefined) return { removed, ordinals };
  const profiles = await eraseProfilesWith(context, transaction, scope, terms);
  return { removed: addRemoved(removed, { ...nothingRemoved, profiles }), ordinals };
}

/** One row, however many users it is about. */
async function writeReceipt(
  transaction: Queryable,
  tenant: string,
  receipt: { readonly id: string; readonly at: Date; readonly reason: string; readonly removed: Removed },
): Promise<void> {
  await transaction.query(
    `INSERT INTO receipts (receipt, tenant, at, reason, removed) VALUES ($1, $2, $3, $4, $5::jsonb)
     ON CONFLICT (receipt) DO UPDATE SET removed = EXCLUDED.removed`,
    [receipt.id, tenant, receipt.at, receipt.reason, JSON.stringify(receipt.removed)],
  );
}

/**
 * Erases what is chosen, for good: it cannot be undone.
 *
 * @throws {DataError} for an unknown user, an impossible strength, or an id that does not exist or belongs to another tenant
 */
export async function forget(
  context: Context,
  choice: ForgetChoice,
  options: ForgetOptions = {},
): Promise<Receipt> {
  checkStrength(choice);
  const at = context.now();
  const reason = reasonOf(choice);
  const targets = await scopesOf(context, choice);
  const id = crypto.randomUUID();
  let removed = nothingRemoved;
  const ids: ItemId[] = [];
  for (const target of targets) {
    await context.database.transaction(async (transaction) => {
      await lockScope(transaction, context.tenant, target.scope.user);
      const part = await forgetIn(context, transaction, target, choice, options);
      for (const ordinal of part.ordinals) ids.push(idOf({ scope: target.scope.scope, ordinal }));
      removed = addRemoved(removed, part.removed);
      if (!options.dryRun) await writeReceipt(transaction, context.tenant, { id, at, reason, removed });
    });
  }
  const scrubbed = options.scrub === true && options.dryRun !== true;
  if (scrubbed) await scrub(context);
  return { ...(options.dryRun ? {} : { id }), at: at.toISOString(), reason, removed, ids, scrubbed };
}

const tablesWithTexts = [
  'items',
  'facts',
  'documents',
  'history',
  'postings',
  'recent_words',
  'summary_sources',
  'scopes',
  'answer_windows',
  'answer_window_items',
  'session_profiles',
  'tool_steps',
] as const;

/** Columns with names of which the planner keeps samples (of texts it keeps none, migrations/0013-no-samples.ts). */
const sampled = [
  ['items', 'session'],
  ['answer_windows', 'session'],
  ['session_profiles', 'session'],
] as const;

/**
 * Rewrites the tables that hold texts, vectors, or samples of names. The embedded database also starts a new log and deletes the old one; a server's
 * log is kept as long as its administrator says.
 */
async function scrub({ database }: Context): Promise<void> {
  // Samples of an empty table are kept, but not those of a column whose type is changed, to the same one.
  for (const [table, column] of sampled)
    await database.execute(`ALTER TABLE ${table} ALTER COLUMN ${column} TYPE text`);
  const vectors = await database.query<Pick<VectorIndex, 'number'>>('SELECT number FROM embedding_indexes');
  for (const table of [...tablesWithTexts, ...vectors.map(tableOf)])
    await database.execute(`VACUUM (FULL, ANALYZE) ${table}`);
  // Nothing happens on a server whose user may not: it warns, and its own vacuum follows.
  await database.execute('VACUUM FULL pg_statistic');
  if (database.kind === 'pglite')
    for (const statement of ['SET wal_recycle = off', 'SELECT pg_switch_wal()', 'CHECKPOINT'])
      await database.execute(statement);
}
