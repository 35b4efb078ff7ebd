// Turns what an extractor found in episodes into stored facts. Knows nothing of rules or of contradiction.
import type { Context } from '../context.js';
import { ownerOf } from '../context.js';
import type { Queryable } from '../database.js';
import { insertRows } from '../database.js';
import type { DraftInput } from '../drafts.js';
import { makeDrafts } from '../drafts.js';
import { groupBy } from '../group.js';
import { recordChanges } from '../history.js';
import type { OpenScope } from '../insert-items.js';
import { insertItems } from '../insert-items.js';
import { unnamedUser } from '../scope.js';
import type { Claim, FactDetail, NewFact, Reconciliation } from './reconcile.js';
import { closeFacts, reconcile, resolveCorrection } from './reconcile.js';
import type { Statement } from './statement.js';

/** A statement with the episode it was found in, before that has an ordinal. */
export interface Found {
  readonly statement: Statement;
  /** Position of the episode in its batch. */
  readonly position: number;
  readonly draft: Claim['draft'];
  readonly sealedDetail: string;
}

function factInput(statement: Statement, episode: DraftInput): DraftInput {
  const { subject, attribute, value, negated } = statement;
  const said = episode.occurredAt.toISOString();
  return {
    kind: 'fact',
    user: episode.user,
    text: statement.text,
    occurredAt: episode.occurredAt,
    expiresAt: episode.expiresAt,
    identity: JSON.stringify(['fact', subject, attribute, value, negated, said, episode.identity]),
  };
}

/** Whom "I" means. The user who was never given a name is called so in the language of the text. */
function speakerOf({ speaker, user, text }: DraftInput): string {
  if (speaker !== undefined || user !== unnamedUser) return speaker ?? user;
  return /\p{Script=Han}/u.test(text) ? '用户' : 'The user';
}

/** Runs the extractor over episodes and prepares what it finds, outside of any transaction. */
export async function findStatements(
  context: Context,
  episodes: readonly DraftInput[],
): Promise<readonly Found[]> {
  const perEpisode = await Promise.all(
    episodes.map(async (episode, position) => {
      const { text, occurredAt: time } = episode;
      const statements = await context.extractor.extract({ text, speaker: speakerOf(episode), time });
      return statements.map((statement) => ({ statement, position, input: factInput(statement, episode) }));
    }),
  );
  const found = perEpisode.flat();
  const drafts = await makeDrafts(
    context,
    found.map(({ input }) => input),
  );
  return Promise.all(
    drafts.map(async (draft, i): Promise<Found> => {
      const { statement, position } = found[i] as (typeof found)[number];
      const { subject, attribute, value } = statement;
      const detail = JSON.stringify({ subject, attribute, value } satisfies FactDetail);
      return {
        statement,
        position,
        draft,
        sealedDetail: await context.cipher.seal(detail, ownerOf(context, draft.user)),
      };
    }),
  );
}

async function writeFacts(open: OpenScope, facts: readonly NewFact[]): Promise<void> {
  const { transaction, scope } = open;
  await insertRows(
    transaction,
    'facts',
    facts.map(({ ordinal, slotKey, valueKey, negated, validFrom, validTo, claim }) => ({
      scope,
      ordinal,
      slot_key: slotKey,
      value_key: valueKey,
      single: claim.statement.single,
      negated,
      confidence: claim.statement.confidence,
      valid_from: validFrom.toISOString(),
      valid_to: validTo?.toISOString() ?? null,
      detail: claim.sealedDetail,
    })),
  );
}

/** What becomes of the facts found in episodes. */
export interface FactPlan extends Reconciliation {
  /** Positions in the batch, by the ordinal of the episode. */
  readonly positions: ReadonlyMap<number, number>;
  /** Whether something that was held no longer holds, or is said of a time when it did not. */
  readonly closes: boolean;
}

/**
 * Sets what was found against what is held; only reads. `ordinals` of the episodes by position in the batch; found in others is
 * dropped. Facts get ordinals from `firstOrdinal` on.
 */
export async function planFacts(
  context: Context,
  database: Queryable,
  scope: number,
  firstOrdinal: number,
  found: readonly Found[],
  ordinals: ReadonlyMap<number, number>,
): Promise<FactPlan | undefined> {
  const claims: Claim[] = [];
  const positions = new Map<number, number>();
  for (const { position, ...rest } of found) {
    const source = ordinals.get(position);
    if (source === undefined) continue;
    positions.set(source, position);
    const claim = await resolveCorrection(context, database, scope, { ...rest, source });
    if (claim !== undefined) claims.push(claim);
  }
  if (claims.length === 0) return undefined;
  const reconciled = await reconcile(context, database, scope, firstOrdinal, claims);
  const closes = reconciled.closed.size > 0 || reconciled.added.some(({ validTo }) => validTo !== undefined);
  return { ...reconciled, positions, closes };
}

/** @returns for each position, the facts it added or confirmed */
export async function storePlan(
  context: Context,
  open: OpenScope,
  { added, confirmed, closed, positions, closes }: FactPlan,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const { transaction, scope } = open;
  const links = [
    ...added.map((fact) => ({ ordinal: fact.ordinal, source: fact.claim.source })),
    ...confirmed,
  ];
  await Promise.all([
    insertItems(
      context,
      open,
      added.map((fact) => fact.claim.draft),
    ),
    writeFacts(open, added),
    insertRows(
      transaction,
      'sources',
      links.map((link) => ({ scope, ...link })),
      'ON CONFLICT DO NOTHING',
    ),
  ]);
  if (closes) {
    const late = added.flatMap(({ ordinal, validTo }) => (validTo ? [[ordinal, validTo] as const] : []));
    const changes = await closeFacts(transaction, scope, new Map([...closed, ...late]));
    await recordChanges(transaction, scope, open.operation, open.at, changes);
  }
  const byPosition = groupBy(links, ({ source }) => positions.get(source) ?? -1);
  return new Map([...byPosition].map(([position, list]) => [position, list.map(({ ordinal }) => ordinal)]));
}

/**
 * Stores the facts of episodes that got ordinals: `ordinals` by position in the batch; found in others is dropped.
 *
 * @returns for each position, the facts it added or confirmed
 */
export async function storeFacts(
  context: Context,
  open: OpenScope,
  found: readonly Found[],
  ordinals: ReadonlyMap<number, number>,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const { transaction, scope, nextOrdinal } = open;
  const plan = await planFacts(context, transaction, scope, nextOrdinal, found, ordinals);
  return plan === undefined ? new Map() : storePlan(context, open, plan);
}
