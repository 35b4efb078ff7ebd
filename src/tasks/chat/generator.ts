// What writes answers, as a contract. Knows no model, no archive and no window but the one it is handed.
import type { ChatLanguage, ChatMessage } from './message.js';
import type { ToolCaller } from './tools.js';
import type { ChatWindow } from './window/window.js';

/**
 * Why an answer ended. `end`: by itself, or at a stop. `length`: it had all the tokens it may have, and would go on.
 * `content-filter`: who serves the model took the rest away.
 */
export type AnswerEnd = 'end' | 'length' | 'content-filter';

export interface GenerateAnswerOptions {
  /** Tokens of the answer at most. */
  readonly maxTokens: number;
  /** 0 always the likeliest; default: the generator's own. */
  readonly temperature?: number;
  /** In (0, 1]. */
  readonly topP?: number;
  readonly seed?: number;
  /** Texts before which the answer ends. */
  readonly stop?: readonly string[];
  readonly signal?: AbortSignal;
  /** Where the messages come from, for a generator that would rather choose among its parts than read them. */
  readonly window?: ChatWindow;
  /** In which language to speak, for a generator that has words of its own. */
  readonly language?: ChatLanguage;
}

/**
 * Writes the next message of a conversation. Safe to be called again while an earlier answer is still being written.
 *
 * A generator that fails throws a `GeneratorError`; one that is stopped by the signal throws an `AbortedError` or just ends.
 */
export interface Generator {
  /** Shown to people; such as `runs/chat` or `qwen3 at 127.0.0.1:11434`. */
  readonly name: string;
  /** What prompt and answer may have together. */
  readonly maxTokens: number;
  /** Tokens of a text by itself. Exact where the generator knows the model's tokenizer; otherwise an estimate (see `exact`). */
  countTokens(text: string): number;
  /** Tokens of the whole prompt that the messages make, with all that its format adds. */
  countPrompt(messages: readonly ChatMessage[]): number;
  /** Whether the counts are the model's own. */
  readonly exact: boolean;
  /** Whether it only quotes what the window holds, and knows nothing else. */
  readonly quotesOnly?: boolean;
  /** The text without what the model has no token for; absent where every text can be read. */
  readable?(text: string): string;
  /** The answer in pieces, as they come; returns why it ended. @throws {GeneratorError} when there is none */
  generate(
    messages: readonly ChatMessage[],
    options: GenerateAnswerOptions,
  ): AsyncIterable<string, AnswerEnd>;
  /** The same model for a bare text: it is given as the only message, and the answer is how it goes on. */
  readonly continuation?: Generator;
  /** The same model where tools are called; absent where it cannot call any. */
  readonly withTools?: ToolCaller;
  /** Drops what it still knows of earlier prompts: something in them was forgotten. */
  reset?(): void;
}
