// How OpenAI's clients ask for tokens to be chosen, in the words of a conversation. Knows no route.
import type { AnswerOptions } from '../tasks/chat/index.js';
import { HttpError } from './http-error.js';

/** The fields that every route that generates has. */
interface SamplingRequest {
  readonly temperature?: number | null | undefined;
  readonly top_p?: number | null | undefined;
  readonly seed?: number | null | undefined;
  readonly stop?: string | readonly string[] | null | undefined;
  readonly max_tokens?: number | null | undefined;
  readonly max_completion_tokens?: number | null | undefined;
}

/** Without what was not asked for. */
export function answerOptionsOf(request: SamplingRequest): AnswerOptions {
  const { temperature, top_p: topP, seed, stop } = request;
  const maxTokens = request.max_completion_tokens ?? request.max_tokens;
  return {
    ...(typeof maxTokens === 'number' && { maxTokens }),
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof topP === 'number' && { topP }),
    ...(typeof seed === 'number' && { seed }),
    ...(stop !== undefined && stop !== null && { stop: typeof stop === 'string' ? [stop] : stop }),
  };
}

/** Fields that ask for something else than a text, or more than one, and the values that do not. */
const unsupported: Readonly<Record<string, (value: unknown) => boolean>> = {
  n: (value) => value === 1,
  best_of: (value) => value === 1,
  tools: (value) => Array.isArray(value) && value.length === 0,
  tool_choice: (value) => value === 'none' || value === 'auto',
  functions: (value) => Array.isArray(value) && value.length === 0,
  function_call: (value) => value === 'none' || value === 'auto',
  logprobs: (value) => value === false || value === 0,
  top_logprobs: (value) => value === 0,
  audio: () => false,
  modalities: (value) => Array.isArray(value) && value.every((modality) => modality === 'text'),
  response_format: (value) =>
    typeof value === 'object' && value !== null && 'type' in value && value.type === 'text',
  suffix: (value) => value === '',
};

/** @throws {HttpError} 400 for a field that would change the answer and is not supported, rather than an answer that ignores it */
export function refuseUnsupported(request: Readonly<Record<string, unknown>>): void {
  for (const [param, isHarmless] of Object.entries(unsupported)) {
    const value = request[param];
    if (value === undefined || value === null || isHarmless(value)) continue;
    throw new HttpError(400, 'unsupported_parameter', `"${param}" is not supported. Leave it out.`, {
      param,
    });
  }
}
