// Unsent messages, one a session, which survive a reload. Knows nothing of sending.
import type { KeyValues } from './storage.js';

export interface Drafts {
  read(session: string | undefined): string;
  write(session: string | undefined, text: string): void;
}

/** A session that has no name yet keeps its draft under none. */
export function createDrafts(values: KeyValues): Drafts {
  const nameOf = (session: string | undefined): string => `draft.${session ?? ''}`;
  return {
    read: (session) => values.read(nameOf(session)) ?? '',
    write: (session, text) => values.write(nameOf(session), text),
  };
}
