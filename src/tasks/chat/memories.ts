// What the archive holds of a user that may matter for a message, as sources of a window. Knows nothing of budgets.
import type { Archive, FullItem, ItemId, Recollection } from '../../archive/index.js';
import { explainedOf } from '../../archive/index.js';
import { shinglesOf } from '../../archive/near-duplicate.js';
import { assistantSpeaker } from './message.js';
import { questionIn } from './question.js';
import type { WindowSource } from './window/prompt.js';
import { sourceOfMemory } from './window/sources.js';

/** More are asked for than are given: some are in the window already. */
const recalledItems = 24;
/** An answer of whose words this share is in what else was recalled says nothing of its own. */
const echoShare = 0.85;

/** Best first, without answers that only repeat what else was found. */
export async function recallMemories(
  archive: Archive,
  user: string,
  message: string,
): Promise<readonly Recollection[]> {
  const found = await archive.recall(questionIn(message), {
    user,
    unknownUser: 'empty',
    limit: recalledItems,
  });
  const isAnswer = ({ item }: Recollection): boolean => item.speaker === assistantSpeaker;
  const told = new Set(
    found.filter((result) => !isAnswer(result)).flatMap(({ item }) => Array.from(shinglesOf(item.text))),
  );
  return found.filter((result) => {
    if (!isAnswer(result)) return true;
    const shingles = [...shinglesOf(result.item.text)];
    const repeated = shingles.filter((shingle) => told.has(shingle)).length;
    return repeated < echoShare * shingles.length || shingles.length === 0;
  });
}

/** Whether a reader of these items knows it already: it is one of them, or was made from nothing else. */
const isKnown = ({ id, sources, kind }: FullItem, given: ReadonlySet<ItemId>): boolean =>
  given.has(id) || (kind !== 'episode' && sources.length > 0 && sources.every((source) => given.has(source)));

/** @param given ids of what the window holds otherwise */
export function memorySources(
  memories: readonly Recollection[],
  given: ReadonlySet<ItemId>,
): readonly WindowSource[] {
  return memories.filter(({ item }) => !isKnown(item, given)).map(sourceOf);
}

const sourceOf = (result: Recollection): WindowSource => ({
  ...sourceOfMemory(result.item),
  score: result.score,
  found: explainedOf(result),
});
