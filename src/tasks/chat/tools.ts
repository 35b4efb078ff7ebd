// Tools that a model may call, as a contract: they are passed on, never run here. Knows no model and no route.
import type { AnswerEnd, GenerateAnswerOptions } from './generator.js';
import type { ChatMessage } from './message.js';

/** A call that a model asks for; whoever offered the tool makes it. */
export interface ToolCall {
  /** Names the call, for the message that answers it. */
  readonly id: string;
  readonly name: string;
  /** JSON, as the model wrote it: it may be broken. */
  readonly arguments: string;
}

/** A message of a conversation in which tools are called. */
export type ToolMessage =
  | ChatMessage
  | { readonly role: 'assistant'; readonly content: string | null; readonly toolCalls: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly content: string; readonly toolCallId: string };

/** How an answer ended, and the calls it asks for; none where it only says something. */
export interface ToolAnswerEnd {
  readonly end: AnswerEnd;
  readonly calls: readonly ToolCall[];
}

/** What a request says of tools, by the names of OpenAI's format: `tools`, `tool_choice`, `parallel_tool_calls`. */
export type ToolFields = Readonly<Record<string, unknown>>;

/** A model that can call tools. */
export interface ToolCaller {
  /** As `Generator.generate`; returns the calls once they are whole. @throws {GeneratorError} when there is no answer */
  generate(
    messages: readonly ToolMessage[],
    options: GenerateAnswerOptions & { readonly tools: ToolFields },
  ): AsyncIterable<string, ToolAnswerEnd>;
}

/** The messages as texts, to count their tokens. */
export const asTexts = (messages: readonly ToolMessage[]): readonly ChatMessage[] =>
  messages.map((message): ChatMessage => {
    if (message.role === 'tool') return { role: 'user', content: message.content };
    if (!('toolCalls' in message)) return message;
    const calls = message.toolCalls.map(({ name, arguments: given }) => `${name} ${given}`);
    return { role: 'assistant', content: [message.content ?? '', ...calls].join('\n') };
  });
