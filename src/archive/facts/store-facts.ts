// Turns what an extractor found in episodes into stored facts. Knows nothing of rules or of contradiction.
import type { Context } from '../context.js';
import { ownerOf } from '../context.js';
import type { Queryable } from '../database.js';
import { insertRows } from '../database.js';
import type { DraftInput } from '../drafts.js';
import { makeDrafts } from '../drafts.js';
import { groupBy } from '../group.js';
import type { OpenScope } from '../insert-items.js';
import { insertItems } from '../insert-items.js';
import { unnamedUser } from '../scope.js';
import { linkSources } from '../sources.js';
import type { Likely } from '../write-scope.js';
import type { FactDetail, Held, NewFact, Stated } from './reconcile.js';
import { closeFacts, heldFacts, noneHeld, reconcile, resolveCorrection } from './reconcile.js';
import type { Statement } from './statement.js';

/** A statement with the episode it was found in, before that has an ordinal. */
export interface Found extends Stated {
  /** Position of the episode in its batch. */
  readonly position: number;
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
      const statements = await context.extractor.extract({
        text,
        speaker: speakerOf(episode),
        time,
        timeZone: context.timeZone,
      });
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

const statementsIn = (found: readonly Found[]): readonly Statement[] =>
  found.map(({ statement }) => statement);
const isCorrection = ({ statement }: Found): boolean => statement.corrects !== undefined;

/** What was found, corrections resolved, with what is held of it. */
export interface LookedUp {
  readonly found: readonly Found[];
  readonly held: ReadonlyMap<string, readonly Held[]>;
}

/** What most likely decides about them: nothing. `undefined` where something must be known, to put it right. */
export const likelyFacts = (context: Context, found: readonly Found[]): Likely<LookedUp> | undefined =>
  found.some(isCorrection)
    ? undefined
    : { seen: { found, held: new Map() }, guards: (scope) => noneHeld(context, scope, statementsIn(found)) };

/** Reads what decides about the facts found in episodes. */
export async function lookUpFacts(
  context: Context,
  database: Queryable,
  scope: number,
  found: readonly Found[],
): Promise<LookedUp> {
  const resolve = async (): Promise<readonly Found[]> => {
    const resolved: Found[] = [];
    for (const one of found) {
      const meant = await resolveCorrection(context, database, scope, one, resolved);
      if (meant !== undefined) resolved.push(meant);
    }
    return resolved;
  };
  const meant = found.some(isCorrection) ? await resolve() : found;
  return { found: meant, held: await heldFacts(context, database, scope, statementsIn(meant)) };
}

export interface StoredFacts {
  readonly added: readonly NewFact[];
  /** For each position in the batch, the ordinals of the facts it added or confirmed. */
  readonly byPosition: ReadonlyMap<number, readonly number[]>;
}

/** Stores the facts of episodes that got ordinals: `ordinals` by position in the batch; found in others is dropped. */
export async function storeFacts(
  context: Context,
  open: OpenScope,
  { found, held }: LookedUp,
  ordinals: ReadonlyMap<number, number>,
): Promise<StoredFacts> {
  const { transaction, scope, nextOrdinal } = open;
  const claims = found.flatMap(({ position, ...stated }) => {
    const source = ordinals.get(position);
    return source === undefined ? [] : [{ ...stated, source }];
  });
  if (claims.length === 0) return { added: [], byPosition: new Map() };
  const { added, confirmed, closed } = reconcile(context, held, nextOrdinal, claims);
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
    linkSources(transaction, scope, links),
  ]);
  const late = added.flatMap(({ ordinal, validTo }) => (validTo ? [[ordinal, validTo] as const] : []));
  await closeFacts(open, new Map([...closed, ...late]));
  const positions = new Map([...ordinals].map(([position, ordinal]) => [ordinal, position]));
  const linksOf = groupBy(links, ({ source }) => positions.get(source) ?? -1);
  const byPosition = new Map(
    [...linksOf].map(([position, list]) => [position, list.map(({ ordinal }) => ordinal)]),
  );
  return { added, byPosition };
}
