// What is said in a conversation, as generators are given it and as the archive keeps it. Knows nothing of either.
import type { ItemId, ToolStep } from '../../archive/index.js';

export const chatRoles = ['system', 'user', 'assistant'] as const;

export type ChatRole = (typeof chatRoles)[number];

/** One message as a generator is given it. */
export interface ChatMessage {
  readonly role: ChatRole;
  readonly content: string;
}

/** The language of what the program itself says. */
export type ChatLanguage = 'en' | 'zh';

/** Chinese where there is a Chinese character, otherwise English. */
export const languageOf = (text: string): ChatLanguage => (/\p{Script=Han}/u.test(text) ? 'zh' : 'en');

/** A turn as the archive keeps it. */
export interface ChatTurn {
  readonly id: ItemId;
  /** Its number; ascending within a conversation and its branches, not always by one. */
  readonly turn: number;
  readonly session: string;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** ISO 8601. */
  readonly time: string;
  /** Calls of tools between this message and its answer, where there were any. */
  readonly steps?: readonly ToolStep[];
}

/** Under which name the archive keeps what the assistant says. No user of a conversation may be called so. */
export const assistantSpeaker = 'assistant';
