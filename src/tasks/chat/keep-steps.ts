// Keeps what was called for a message, as far as it is not kept yet. Knows nothing of who called it.
import type { Archive } from '../../archive/index.js';
import { maxEpisodeLength } from '../../archive/episode-input.js';
import type { ChatLanguage, ChatTurn } from './message.js';
import type { ToolStep } from './tools.js';
import { withResultsUpTo } from './window/shorten-results.js';

/**
 * Results that are longer than a message may be are cut, and say so.
 *
 * @param question with the steps that are kept of it
 */
export async function keepSteps(
  { archive, user }: { readonly archive: Archive; readonly user: string },
  { id, steps: kept = [] }: ChatTurn,
  steps: readonly ToolStep[],
  language: ChatLanguage,
): Promise<void> {
  const storable = (all: readonly ToolStep[]): readonly ToolStep[] =>
    archive.storableSteps(withResultsUpTo(all, maxEpisodeLength, language));
  const [before, now] = [storable(kept), storable(steps)];
  const differs = now.findIndex((step, n) => JSON.stringify(step) !== JSON.stringify(before[n]));
  const unchanged = differs < 0 ? now.length : differs;
  if (unchanged === now.length && now.length === before.length) return;
  await archive.writeToolSteps({ user, message: id, steps: now, unchanged });
}
