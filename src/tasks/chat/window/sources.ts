// Items of the archive as they go into the parts of a window. Knows nothing of how they were found.
import type { FullItem } from '../../../archive/index.js';
import type { ChatTurn } from '../message.js';
import type { WindowSource } from './prompt.js';
import { given } from '../../../core/given.js';
import { splitTitle } from '../knowledge/title.js';

export const sourceOfTurn = ({ id, text, role, turn, session, time, steps }: ChatTurn): WindowSource => ({
  id,
  text,
  role,
  turn,
  session,
  time,
  kind: 'episode',
  ...given({ steps }),
});

export const sourceOfSummary = ({ id, text, kind, time }: FullItem): WindowSource => ({
  id,
  text,
  kind,
  time,
});

export const sourceOfMemory = ({ id, kind, text, time, session, turn, speaker }: FullItem): WindowSource => ({
  id,
  kind,
  text,
  time,
  ...given({ session, turn, speaker }),
});

/** @param number what `[1]` in an answer refers to */
export const sourceOfPassage = (
  { id, kind, text, document = '' }: FullItem,
  number: number,
): WindowSource => ({ id, kind, text, citation: { number, ...splitTitle(document) } });
