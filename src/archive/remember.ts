// Writing episodes: one transaction per user for record, index, facts and history, and an outcome for each input.
import { DataError } from '../core/errors.js';
import type { Context } from './context.js';
import type { Draft } from './drafts.js';
import { makeDrafts } from './drafts.js';
import type { CheckedEpisode } from './episode-input.js';
import { checkEpisode } from './episode-input.js';
import type { Found, LookedUp } from './facts/store-facts.js';
import { findStatements, likelyFacts, lookUpFacts, storeFacts } from './facts/store-facts.js';
import { groupBy } from './group.js';
import type { OpenScope } from './insert-items.js';
import { insertItems } from './insert-items.js';
import type { KnownTexts } from './known-texts.js';
import { findKnown, noneNear } from './known-texts.js';
import { noteRepeats, reviveItems } from './repeats.js';
import { idOf } from './scope.js';
import { withTurns } from './turns.js';
import type { EpisodeInput, Outcome } from './types.js';
import type { Verdict } from './verdicts.js';
import { judge } from './verdicts.js';
import type { Likely } from './write-scope.js';
import { writeToScope } from './write-scope.js';

/** Episodes prepared and embedded together. */
const batchSize = 1000;

/**
 * Stores episodes. Each gets an outcome in its place; what cannot be used is `rejected` with a reason and leaves the
 * others untouched. Batches of up to 1,000 per user are one transaction each.
 *
 * @throws {StorageError} when the database fails; the transaction that failed has written nothing
 */
export async function remember(
  context: Context,
  episodes: readonly EpisodeInput[],
): Promise<readonly Outcome[]> {
  const outcomes = new Map<number, Outcome>();
  const checked: (CheckedEpisode & { readonly position: number })[] = [];
  for (const [position, episode] of episodes.entries()) {
    try {
      checked.push({ ...checkEpisode(context, episode), position });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      outcomes.set(position, { status: 'rejected', reason: error.message, facts: [] });
    }
  }
  for (const group of groupBy(checked, ({ input }) => input.user).values()) {
    for (let start = 0; start < group.length; start += batchSize) {
      const batch = group.slice(start, start + batchSize);
      for (const [i, outcome] of (await rememberBatch(context, batch)).entries()) {
        const { position, redacted } = batch[i] as (typeof batch)[number];
        outcomes.set(position, redacted === undefined ? outcome : { ...outcome, redacted });
      }
    }
  }
  return episodes.map((_, i) => outcomes.get(i) as Outcome);
}

/** What decides about a batch. */
interface Seen {
  readonly texts: KnownTexts;
  readonly facts: LookedUp;
}

/** A text is most likely new. Of several one may be known in another way than is made sure of here. */
function likely(
  context: Context,
  drafts: readonly Draft[],
  found: readonly Found[],
): Likely<Seen> | undefined {
  const facts = drafts.length === 1 ? likelyFacts(context, found) : undefined;
  return (
    facts && {
      seen: { texts: { same: new Map(), near: new Map() }, facts: facts.seen },
      guards: (scope) => [...noneNear(scope, drafts), ...facts.guards(scope)],
    }
  );
}

async function rememberBatch(
  context: Context,
  batch: readonly CheckedEpisode[],
): Promise<readonly Outcome[]> {
  const inputs = batch.map(({ input }) => input);
  const [drafts, found] = await Promise.all([makeDrafts(context, inputs), findStatements(context, inputs)]);
  return writeToScope(context, {
    user: inputs[0]?.user ?? context.defaultUser,
    items: drafts.length + found.length,
    sessions: drafts.flatMap(({ session }) => session ?? []),
    likely: likely(context, drafts, found),
    async look(database, scope) {
      const [texts, facts] = await Promise.all([
        findKnown(context, database, scope, drafts),
        lookUpFacts(context, database, scope, found),
      ]);
      return { texts, facts };
    },
    write: (open, seen, turns) => writeBatch(context, open, drafts, seen, turns),
  });
}

/** How each verdict is reported. */
const meanings: Readonly<Record<Verdict['action'], readonly [status: Outcome['status'], reason?: string]>> = {
  store: ['stored'],
  revive: ['stored'],
  duplicate: ['duplicate', 'The same text of the same session is stored already.'],
  repeat: ['near-duplicate', 'Almost the same was said before; the older item counts it.'],
  echo: ['echo', 'The text was recalled from the archive just now.'],
};

async function writeBatch(
  context: Context,
  open: OpenScope,
  drafts: readonly Draft[],
  seen: Seen,
  turns: Map<string, number>,
): Promise<readonly Outcome[]> {
  const verdicts = judge(context, open, drafts, seen.texts);
  const positionsOf = (action: Verdict['action']): number[] =>
    verdicts.flatMap((verdict, position) => (verdict.action === action ? [position] : []));
  const toStore = positionsOf('store').map((position) => drafts[position] as Draft);
  const ordinals = await insertItems(context, open, withTurns(toStore, turns));
  const ordinalByPosition = new Map(
    positionsOf('store').map((position, i) => [position, ordinals[i] as number]),
  );
  const { byPosition: facts } = await storeFacts(context, open, seen.facts, ordinalByPosition);
  await Promise.all([
    noteRepeats(
      open,
      positionsOf('repeat').map((position) => ({
        ordinal: verdicts[position]?.ordinal ?? 0,
        seenAt: drafts[position]?.occurredAt ?? open.at,
      })),
    ),
    reviveItems(
      open,
      positionsOf('revive').map((position) => verdicts[position]?.ordinal ?? 0),
    ),
  ]);
  return verdicts.map(({ action, ordinal }, position): Outcome => {
    const [status, reason] = meanings[action];
    const id = idOf({ scope: open.scope, ordinal });
    const factIds = (facts.get(position) ?? []).map((fact) => idOf({ scope: open.scope, ordinal: fact }));
    return reason === undefined ? { status, id, facts: factIds } : { status, id, reason, facts: factIds };
  });
}
