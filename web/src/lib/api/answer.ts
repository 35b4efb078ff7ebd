// Reads the stream of an answer: OpenAI's chunks with Mneme's extension. Knows no route.
import type { AnswerExtension, ChatChunk } from '../../../../src/server/wire.js';
import { ApiError, isErrorBody } from './api-error.js';
import type { ServerEvent } from './events.js';

export type AnswerEvent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'memory'; readonly memory: AnswerExtension }
  | { readonly kind: 'end'; readonly reason: string };

function parseChunk(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new ApiError('broken', 'A part of the answer cannot be read.');
  }
}

/**
 * The answer as it is written.
 *
 * @throws {ApiError} as the stream says, or `broken` when it ends without its end
 */
export async function* readAnswer(events: AsyncIterable<ServerEvent>): AsyncGenerator<AnswerEvent> {
  let ended = false;
  for await (const { data } of events) {
    if (data === '[DONE]') return;
    const value = parseChunk(data);
    if (isErrorBody(value)) throw new ApiError('unavailable', value.error.message);
    const { choices, mneme } = value as ChatChunk;
    if (mneme !== undefined) yield { kind: 'memory', memory: mneme };
    for (const { delta, finish_reason: reason } of choices) {
      if (delta.content) yield { kind: 'text', text: delta.content };
      if (reason !== null) yield { kind: 'end', reason };
      ended ||= reason !== null;
    }
  }
  if (!ended) throw new ApiError('broken', 'The answer ended before its end.');
}
