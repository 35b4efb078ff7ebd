// Tools that a model may call, as a contract: they are passed on, never run here. Knows no model and no route.
import type { AnsweredCall, ToolCall, ToolStep } from '../../archive/index.js';
import type { AnswerEnd, GenerateAnswerOptions, Generator } from './generator.js';
import type { ChatLanguage, ChatMessage } from './message.js';
import { wording } from './wording.js';

export type { AnsweredCall, ToolCall, ToolStep };

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

/** The answer of a generator, with the calls it asks for where tools were offered and it can call any. */
export async function* askGenerator(
  generator: Generator,
  messages: readonly ToolMessage[],
  { tools, ...options }: GenerateAnswerOptions & { readonly tools?: ToolFields | undefined },
): AsyncGenerator<string, ToolAnswerEnd> {
  const { withTools } = generator;
  if (withTools === undefined)
    return { end: yield* generator.generate(asTexts(messages), options), calls: [] };
  const answered = yield* withTools.generate(messages, { ...options, tools: tools ?? {} });
  // Who offered no tools cannot make a call.
  return tools === undefined ? { ...answered, calls: [] } : answered;
}

/** Steps as they stand in a prompt. Every call is answered, as endpoints demand: one without a result by saying so. */
export const messagesOfSteps = (steps: readonly ToolStep[], language: ChatLanguage): readonly ToolMessage[] =>
  steps.flatMap(({ text, calls }): readonly ToolMessage[] => [
    {
      role: 'assistant',
      content: text === '' ? null : text,
      toolCalls: calls.map(({ id, name, arguments: given }) => ({ id, name, arguments: given })),
    },
    ...calls.map(({ id, result = wording[language].noResult }) => ({
      role: 'tool' as const,
      content: result,
      toolCallId: id,
    })),
  ]);

/** The messages as texts, to count their tokens. */
export const asTexts = (messages: readonly ToolMessage[]): readonly ChatMessage[] =>
  messages.map((message): ChatMessage => {
    if (message.role === 'tool') return { role: 'user', content: message.content };
    if (!('toolCalls' in message)) return message;
    const calls = message.toolCalls.map(({ name, arguments: given }) => `${name} ${given}`);
    return { role: 'assistant', content: [message.content ?? '', ...calls].join('\n') };
  });

/** What a model wrote, to count its tokens. */
export const textWithCalls = (text: string, calls: readonly ToolCall[]): string =>
  calls.length === 0 ? text : `${text}${JSON.stringify(calls)}`;
