// A turn as the archive keeps it, as a conversation sees it. Knows nothing of windows.
import type { TurnView } from '../../archive/index.js';
import { maxEpisodeLength } from '../../archive/episode-input.js';
import { given } from '../../core/given.js';
import type { ChatTurn } from './message.js';
import { assistantSpeaker } from './message.js';

export const turnOf = ({ id, turn, session, speaker, text, time, steps }: TurnView): ChatTurn => ({
  id,
  turn,
  session,
  role: speaker === assistantSpeaker ? 'assistant' : 'user',
  text,
  time,
  ...given({ steps }),
});

/** What a model wrote, as the archive can hold it: valid Unicode of bounded length. */
export const storableAnswer = (text: string): string =>
  text
    .slice(0, maxEpisodeLength)
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .replaceAll('\0', '')
    .trim();
