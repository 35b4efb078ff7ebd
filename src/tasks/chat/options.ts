// How a conversation is opened. Knows nothing of what happens then.
import type { Archive } from '../../archive/index.js';
import type { Generator } from './generator.js';
import type { Knowledge } from './knowledge/knowledge.js';
import type { ChatLanguage } from './message.js';
import type { WindowShares } from './window/shares.js';

/** How answers are written; each is left to the generator where it is absent. */
export interface AnswerOptions {
  /** Default: a quarter of the window, at most 1024. */
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
}

export interface ConversationOptions {
  /** Where turns are kept and memories are found. Stays open when the conversation ends. */
  readonly archive: Archive;
  readonly generator: Generator;
  /** Whose conversation it is; the archive's default user when absent. */
  readonly user?: string;
  /** The session to go on with, or to begin; a new one, named by the time, when absent. */
  readonly session?: string;
  /**
   * What always stands at the top, word for word: who the assistant is, and what it must know of the user. It is kept with
   * the session: when absent, that which was given last holds; an empty list takes it away.
   */
  readonly profile?: readonly string[];
  readonly knowledge?: Knowledge;
  readonly answer?: AnswerOptions;
  /** How the window is divided. */
  readonly shares?: Partial<WindowShares>;
  /** Of what the program itself says; that of each message when absent. */
  readonly language?: ChatLanguage;
  readonly now?: () => Date;
}
