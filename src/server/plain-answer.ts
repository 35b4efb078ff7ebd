// An answer without memory: the messages as they are, and nothing is kept. Knows no archive.
import type { AnswerEnd, AnswerOptions, ChatEvent, ChatMessage, Generator } from '../tasks/chat/index.js';
import { tellingEnd } from '../core/telling-end.js';
import { HttpError } from './http-error.js';

/** As a conversation does: a quarter of the window, at most so many. */
const usualTokens = 1024;

/**
 * The same events as those of a conversation, without window and turns.
 * @throws {HttpError} 400 when the messages leave no room for an answer
 */
export async function* plainAnswer(
  generator: Generator,
  messages: readonly ChatMessage[],
  options: AnswerOptions,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent, void, undefined> {
  const promptTokens = generator.countPrompt(messages);
  const room = generator.maxTokens - promptTokens;
  if (room < 1) throw tooLong(generator, promptTokens);
  const { maxTokens = Math.min(usualTokens, Math.ceil(generator.maxTokens / 4)), ...rest } = options;
  const pieces = generator.generate(messages, { ...rest, maxTokens: Math.min(maxTokens, room), signal });
  let text = '';
  let end: AnswerEnd = 'end';
  for await (const piece of tellingEnd(pieces, (returned) => (end = returned))) {
    text += piece;
    yield { kind: 'text', text: piece };
  }
  const usage = { promptTokens, answerTokens: generator.countTokens(text) };
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
