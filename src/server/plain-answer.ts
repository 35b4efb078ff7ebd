// An answer without memory: the messages as they are, and nothing is kept. Knows no archive.
import type {
  AnswerOptions,
  ChatEvent,
  GenerateAnswerOptions,
  Generator,
  ToolAnswerEnd,
  ToolFields,
  ToolMessage,
} from '../tasks/chat/index.js';
import { tellingEnd } from '../core/telling-end.js';
import { askGenerator, asTexts, textWithCalls } from '../tasks/chat/tools.js';
import { usableTokens } from '../tasks/chat/window/usable-tokens.js';
import { HttpError } from './http-error.js';

/** As a conversation does: a quarter of the window, at most so many. */
const usualTokens = 1024;

/** What is to be answered. */
interface PlainPrompt {
  readonly tokens: number;
  readonly ask: (options: GenerateAnswerOptions) => AsyncIterable<string, ToolAnswerEnd>;
}

/** Messages, and tools where they are offered to a generator that can call them. */
export const plainPrompt = (
  generator: Generator,
  messages: readonly ToolMessage[],
  tools?: ToolFields,
): PlainPrompt => ({
  tokens:
    generator.countPrompt(asTexts(messages)) +
    (tools === undefined ? 0 : generator.countTokens(JSON.stringify(tools))),
  ask: (options) => askGenerator(generator, messages, { ...options, tools }),
});

/**
 * The same events as those of a conversation, without window and turns; with the calls of tools, if there are any.
 * @throws {HttpError} 400 when the messages leave no room for an answer
 */
export async function* plainAnswer(
  generator: Generator,
  { tokens: promptTokens, ask }: PlainPrompt,
  options: AnswerOptions,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent, void, undefined> {
  const usable = usableTokens(generator);
  // Where only the margin is left, the model may still have room: it says so itself.
  const room = (promptTokens < usable ? usable : generator.maxTokens) - promptTokens;
  if (room < 1) throw tooLong(generator, promptTokens);
  const { maxTokens = Math.min(usualTokens, Math.ceil(generator.maxTokens / 4)), ...rest } = options;
  const pieces = ask({ ...rest, maxTokens: Math.min(maxTokens, room), signal });
  let text = '';
  let { end, calls }: ToolAnswerEnd = { end: 'end', calls: [] };
  for await (const piece of tellingEnd(pieces, (returned) => ({ end, calls } = returned))) {
    text += piece;
    yield { kind: 'text', text: piece };
  }
  if (calls.length > 0) yield { kind: 'calls', calls };
  const usage = { promptTokens, answerTokens: generator.countTokens(textWithCalls(text, calls)) };
  yield { kind: 'done', finish: signal.aborted ? 'stopped' : end, citations: [], usage };
}

function tooLong({ name, maxTokens }: Generator, promptTokens: number): HttpError {
  return new HttpError(
    400,
    'context_length_exceeded',
    `The messages have ${promptTokens} tokens; "${name}" holds ${maxTokens}, its answer included. Send fewer or shorter messages.`,
    { param: 'messages', fields: { promptTokens, maxTokens } },
  );
}
