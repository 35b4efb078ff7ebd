// What a conversation tells while it answers. Knows nothing of how it answers.
import type { AnswerEnd } from './generator.js';
import type { ChatTurn } from './message.js';
import type { ToolCall } from './tools.js';
import type { ChatWindow, Citation } from './window/window.js';

/**
 * How an answer ended: as the generator says, or `stopped`: by the signal, or because nobody read on; or `not-in-documents`:
 * the documents do not say it, and no generator was asked.
 */
export type ChatFinish = AnswerEnd | 'stopped' | 'not-in-documents';

export type ChatEvent =
  /** The user's turn is stored, and this is what the generator is given. Comes first; once more where it found that too long. */
  | { readonly kind: 'window'; readonly window: ChatWindow; readonly turn: ChatTurn }
  /** The next piece of the answer. */
  | { readonly kind: 'text'; readonly text: string }
  /** The model calls tools that were offered, and answers when it is told what they give. Then `done` comes without a turn. */
  | { readonly kind: 'calls'; readonly calls: readonly ToolCall[] }
  /** The answer is stored. Comes once, last, unless an error is thrown instead. */
  | {
      readonly kind: 'done';
      /** Absent when it ended before it said anything, or calls tools. */
      readonly turn?: ChatTurn;
      readonly finish: ChatFinish;
      /** The documents that the answer cites. */
      readonly citations: readonly Citation[];
      /** Tokens of the prompt and of the answer, as the generator counts them. */
      readonly usage: { readonly promptTokens: number; readonly answerTokens: number };
    };
