// Any language model of the AI SDK as a generator. Knows its contract and no provider.
import type { LanguageModelV3, LanguageModelV3Message } from '@ai-sdk/provider';
import { estimateTokens } from '../../../archive/tokens.js';
import { AbortedError, messageOf } from '../../../core/errors.js';
import type { AnswerEnd, GenerateAnswerOptions, Generator } from '../generator.js';
import { failureOfStatus, GeneratorError } from '../generator-error.js';
import type { ChatMessage } from '../message.js';
import { contextLengthIn } from './context-length.js';

export interface AiSdkGeneratorOptions {
  /** Of prompt and answer together; default 8192. */
  readonly maxTokens?: number;
  /** The model's own tokenizer; otherwise tokens are estimated. */
  readonly countTokens?: (text: string) => number;
}

const defaultMaxTokens = 8192;
/** What chat formats add to a message at most in those in use. */
const tokensPerMessage = 5;

const promptMessage = ({ role, content }: ChatMessage): LanguageModelV3Message =>
  role === 'system' ? { role, content } : { role, content: [{ type: 'text', text: content }] };

/** Errors of providers carry an HTTP status where there was one. */
function generatorError(model: LanguageModelV3, error: unknown): GeneratorError {
  if (error instanceof GeneratorError) return error;
  const status =
    typeof error === 'object' &&
    error !== null &&
    'statusCode' in error &&
    typeof error.statusCode === 'number'
      ? error.statusCode
      : undefined;
  const over = status !== undefined && status < 500 ? contextLengthIn(messageOf(error)) : undefined;
  const other = status === undefined ? 'broken' : failureOfStatus(status);
  const failure = over === undefined ? other : 'too-long';
  return new GeneratorError(failure, `${model.modelId} of ${model.provider} failed: ${messageOf(error)}`, {
    fields: { ...(status !== undefined && { status }), ...over },
    cause: error,
  });
}

const endOf = (reason: string): AnswerEnd =>
  reason === 'length' || reason === 'content-filter' ? reason : 'end';

/** @example const generator = aiSdkGenerator(openai('gpt-5-mini'), { maxTokens: 128_000 }); */
export function aiSdkGenerator(model: LanguageModelV3, options: AiSdkGeneratorOptions = {}): Generator {
  const { maxTokens = defaultMaxTokens, countTokens = estimateTokens } = options;
  return {
    name: `${model.modelId} of ${model.provider}`,
    maxTokens,
    exact: false,
    countTokens,
    countPrompt: (messages) =>
      messages.reduce((sum, { content }) => sum + countTokens(content) + tokensPerMessage, tokensPerMessage),
    generate: (messages, asked) => answer(model, messages, asked),
  };
}

async function* answer(
  model: LanguageModelV3,
  messages: readonly ChatMessage[],
  { maxTokens, temperature, topP, seed, stop, signal }: GenerateAnswerOptions,
): AsyncGenerator<string, AnswerEnd> {
  let end: AnswerEnd = 'end';
  try {
    const { stream } = await model.doStream({
      prompt: messages.map(promptMessage),
      maxOutputTokens: maxTokens,
      ...(temperature === undefined ? {} : { temperature }),
      ...(topP === undefined ? {} : { topP }),
      ...(seed === undefined ? {} : { seed }),
      ...(stop === undefined ? {} : { stopSequences: [...stop] }),
      ...(signal === undefined ? {} : { abortSignal: signal }),
    });
    for await (const part of stream) {
      if (part.type === 'text-delta') yield part.delta;
      if (part.type === 'error') throw part.error;
      if (part.type === 'finish') end = endOf(part.finishReason.unified);
    }
    return end;
  } catch (error) {
    if (signal?.aborted) throw new AbortedError('The answer was stopped.', { cause: error });
    throw generatorError(model, error);
  }
}
