// The summary of what fell out of the window: the one before, with the turns that fell out since. Chooses sentences; asks no model.
import type { Archive, FullItem } from '../../archive/index.js';
import { extractiveSummary } from '../summarize/extractive.js';
import type { ChatTurn } from './message.js';
import { languageOf } from './message.js';

const names = {
  en: { user: 'User', assistant: 'Assistant' },
  zh: { user: '用户', assistant: '助手' },
} as const;

/** A line for each turn, as a dialogue is written. */
const lineOf = ({ role, text }: ChatTurn): string =>
  `${names[languageOf(text)][role]}: ${text.replace(/\s+/gu, ' ').trim()}`;

/** Words of a summary that has so many tokens, about. */
const wordsIn = (tokens: number): number => Math.max(10, Math.floor(tokens * 0.6));

/**
 * Adds turns to the summary of a session and stores it in place of the one before.
 *
 * @param tokens aimed at
 * @param later whether nobody waits for it
 */
export async function extendSummary(
  archive: Archive,
  scope: { readonly user: string; readonly session: string },
  previous: FullItem | undefined,
  turns: readonly ChatTurn[],
  tokens: number,
  later: boolean,
): Promise<FullItem | undefined> {
  const last = turns.at(-1);
  if (last === undefined) return previous;
  const dialogue = [...(previous === undefined ? [] : [previous.text]), ...turns.map(lineOf)].join('\n');
  const { text } = extractiveSummary(dialogue, { words: wordsIn(tokens) });
  if (text === '') return previous;
  return archive.replaceSummary({
    ...scope,
    text,
    occurredAt: new Date(last.time),
    sources: [...(previous?.sources ?? []), ...turns.map(({ id }) => id)],
    previous,
    later,
  });
}
