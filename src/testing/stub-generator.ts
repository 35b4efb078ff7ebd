// A generator for tests: says what it is told to, word by word, and notes what it was asked. Knows no model.
import { throwIfAborted } from '../core/abort.js';
import type { AnswerEnd, GenerateAnswerOptions, Generator } from '../tasks/chat/generator.js';
import type { ChatMessage } from '../tasks/chat/message.js';

export interface StubGenerator extends Generator {
  /** The messages of each call, in order. */
  readonly calls: readonly (readonly ChatMessage[])[];
}

export interface StubOptions {
  /** What it says; a function is given the messages, and may throw. Default: `You said:` and the last message. */
  readonly answer?: string | ((messages: readonly ChatMessage[], options: GenerateAnswerOptions) => string);
  /** Tokens, of which every word and every Chinese character is one. Default 4096. */
  readonly maxTokens?: number;
  /** Why an answer ends that has all its tokens; default: by itself. */
  readonly end?: AnswerEnd;
  /** Waits before each piece. */
  readonly delayMs?: number;
}

const tokens = (text: string): readonly string[] =>
  text.match(/\s*(?:\p{Script=Han}|[^\s\p{Script=Han}]+)/gu) ?? [];

/** @example const chat = await openConversation({ archive, generator: stubGenerator({ answer: 'Hello.' }) }); */
export function stubGenerator({
  answer,
  maxTokens = 4096,
  end = 'end',
  delayMs = 0,
}: StubOptions = {}): StubGenerator {
  const calls: (readonly ChatMessage[])[] = [];
  const textOf = (messages: readonly ChatMessage[], options: GenerateAnswerOptions): string =>
    typeof answer === 'function'
      ? answer(messages, options)
      : (answer ?? `You said: ${messages.at(-1)?.content ?? ''}`);
  return {
    name: 'stub',
    maxTokens,
    exact: true,
    calls,
    countTokens: (text) => tokens(text).length,
    countPrompt: (messages) => messages.reduce((sum, { content }) => sum + 1 + tokens(content).length, 0),
    async *generate(messages, options) {
      calls.push(messages);
      const all = tokens(textOf(messages, options));
      for (const piece of all.slice(0, options.maxTokens)) {
        throwIfAborted(options.signal);
        if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
        yield piece;
      }
      return all.length > options.maxTokens ? 'length' : end;
    },
  };
}
