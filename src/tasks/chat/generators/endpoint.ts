// A generator behind an OpenAI-compatible endpoint (POST .../chat/completions). Knows nothing of conversations.
import { addressOf } from '../../../archive/endpoint-embedder.js';
import { estimateTokens } from '../../../archive/tokens.js';
import { AbortedError, messageOf } from '../../../core/errors.js';
import type { AnswerEnd, GenerateAnswerOptions, Generator } from '../generator.js';
import { failureOfStatus, GeneratorError } from '../generator-error.js';
import type { ToolAnswerEnd, ToolFields, ToolMessage } from '../tools.js';
import type { Chunk } from './endpoint-chunk.js';
import { CallParts, readChunk } from './endpoint-chunk.js';
import type { ContextLength } from './context-length.js';
import { contextLengthIn } from './context-length.js';
import { Patience } from './patience.js';
import { serverSentEvents } from './server-sent-events.js';
import { wireMessage } from './wire-message.js';

export interface EndpointGeneratorOptions {
  /** Up to and with the version: `https://host/v1`. */
  readonly url: string;
  readonly model: string;
  readonly apiKey?: string | undefined;
  /** Of prompt and answer together; default 8192. */
  readonly maxTokens?: number | undefined;
  /** The model's own tokenizer; otherwise tokens are estimated: four characters each, one for a Chinese character. */
  readonly countTokens?: ((text: string) => number) | undefined;
  /** Milliseconds without a sign of life after which it is given up; default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** For tests and proxies; the global one by default. */
  readonly fetch?: typeof fetch | undefined;
}

const defaultMaxTokens = 8192;
const defaultTimeoutMs = 60_000;
/** What chat formats add to a message, and to the prompt, at most in those in use. */
const tokensPerMessage = 5;
const tokensPerPrompt = 5;

const again = 'Try again.';

/**
 * Asks an endpoint for each answer. One that says it has a smaller window than it was told of has that from then on.
 *
 * @throws {ConfigError} for an address that is none
 */
export function endpointGenerator(options: EndpointGeneratorOptions): Generator {
  const { host } = addressOf(options.url);
  const { model, countTokens = estimateTokens } = options;
  let maxTokens = options.maxTokens ?? defaultMaxTokens;
  const learn = (stated: number): void => {
    maxTokens = Math.min(maxTokens, stated);
  };
  const ask = (messages: readonly ToolMessage[], asked: Asked): AsyncGenerator<string, ToolAnswerEnd> =>
    answer(new Request({ ...options, maxTokens }, learn), messages, asked);
  return {
    name: `${model} at ${host}`,
    get maxTokens() {
      return maxTokens;
    },
    exact: false,
    countTokens,
    countPrompt: (messages) =>
      messages.reduce((sum, { content }) => sum + countTokens(content) + tokensPerMessage, tokensPerPrompt),
    generate: (messages, asked) => textAlone(ask(messages, asked)),
    withTools: { generate: ask },
  };
}

/** How an answer is asked for. */
type Asked = GenerateAnswerOptions & { readonly tools?: ToolFields };

async function* textAlone(
  answered: AsyncGenerator<string, ToolAnswerEnd>,
): AsyncGenerator<string, AnswerEnd> {
  return (yield* answered).end;
}

/** One endpoint as it is asked, and how its failures are told. */
class Request {
  readonly #options: EndpointGeneratorOptions & { readonly maxTokens: number };
  readonly #learn: (windowTokens: number) => void;
  readonly address: string;

  /** @param learn is told the window that the endpoint says it has */
  constructor(
    options: EndpointGeneratorOptions & { readonly maxTokens: number },
    learn: (windowTokens: number) => void,
  ) {
    this.#options = options;
    this.#learn = learn;
    this.address = `${options.url.replace(/\/+$/, '')}/chat/completions`;
  }

  get timeoutMs(): number {
    return this.#options.timeoutMs ?? defaultTimeoutMs;
  }

  send(messages: readonly ToolMessage[], asked: Asked, signal: AbortSignal): Promise<Response> {
    const { apiKey, model } = this.#options;
    const { maxTokens, temperature, topP, seed, stop, tools } = asked;
    return (this.#options.fetch ?? fetch)(this.address, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify({
        model,
        messages: messages.map(wireMessage),
        stream: true,
        max_tokens: maxTokens,
        temperature,
        top_p: topP,
        seed,
        stop,
        ...tools,
      }),
      signal,
    });
  }

  async failed(response: Response): Promise<GeneratorError> {
    const { status } = response;
    const text = (await response.text().catch(() => '')).slice(0, 2000);
    const reason = text.slice(0, 200);
    const failure = failureOfStatus(status);
    const over = status < 500 ? contextLengthIn(text) : undefined;
    if (over !== undefined) return this.#tooLong(status, reason, over);
    const advice =
      failure === 'refused'
        ? 'Check the key in MNEME_API_KEY or OPENAI_API_KEY.'
        : failure === 'rejected'
          ? "Check the model's name."
          : again;
    return new GeneratorError(failure, `${this.address} answered ${status}: ${reason} ${advice}`, {
      fields: { status },
    });
  }

  /** Tokens were estimated, or the window is smaller than what was said of it. */
  #tooLong(status: number, reason: string, over: ContextLength): GeneratorError {
    const { maxTokens } = this.#options;
    if (over.windowTokens !== undefined) this.#learn(over.windowTokens);
    const counted = this.#options.countTokens === undefined ? ', by an estimate of its tokens' : '';
    return new GeneratorError(
      'too-long',
      `${this.address} answered ${status}: ${reason} It was given up to ${maxTokens} tokens${counted}. Say with --context (maxTokens in code) what the model really has${counted === '' ? '' : ', or a tenth less where texts have more tokens than that'}.`,
      { fields: { status, maxTokens, ...over } },
    );
  }

  broken(what: string, cause?: unknown): GeneratorError {
    return new GeneratorError('broken', `${this.address} ${what}. ${again}`, { cause });
  }

  /** What was thrown while waiting for it, as an error people understand. */
  thrown(error: unknown, patience: Patience, asked: Asked, hasBegun: boolean): Error {
    if (asked.signal?.aborted) return new AbortedError('The answer was stopped.', { cause: error });
    if (patience.isOver)
      return new GeneratorError(
        'timeout',
        `${this.address} said nothing for ${this.timeoutMs / 1000} s. ${again}`,
        { fields: { timeoutMs: this.timeoutMs } },
      );
    if (error instanceof GeneratorError) return error;
    if (hasBegun) return this.broken(`broke off: ${messageOf(error)}`, error);
    return new GeneratorError(
      'unreachable',
      `${this.address} cannot be reached: ${reasonOf(error)}. Check the address and that it runs. ${again}`,
      { cause: error },
    );
  }
}

/** `fetch` says why only in the cause. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined
    ? `${error.message} (${messageOf(error.cause) || String(error.cause)})`
    : messageOf(error);

async function* answer(
  request: Request,
  messages: readonly ToolMessage[],
  asked: Asked,
): AsyncGenerator<string, ToolAnswerEnd> {
  const patience = new Patience(request.timeoutMs, asked.signal);
  let hasBegun = false;
  try {
    const response = await request.send(messages, asked, patience.signal);
    hasBegun = true;
    if (!response.ok) throw await request.failed(response);
    patience.heard();
    return yield* textsOf(request, response, () => patience.heard());
  } catch (error) {
    throw request.thrown(error, patience, asked, hasBegun);
  } finally {
    patience.end();
  }
}

async function* textsOf(
  request: Request,
  response: Response,
  heard: () => void,
): AsyncGenerator<string, ToolAnswerEnd> {
  const parts = new CallParts();
  const read = (data: string): Chunk => {
    const chunk = readChunk(data, (what, cause) => request.broken(what, cause));
    parts.add(chunk.calls);
    return chunk;
  };
  if (response.headers.get('content-type')?.includes('application/json')) {
    const { text, end: whole = 'end' } = read(await response.text());
    if (text !== '') yield text;
    return { end: whole, calls: parts.calls };
  }
  if (response.body === null) throw request.broken('answered without a body');
  let end: AnswerEnd | undefined;
  for await (const data of serverSentEvents(response.body as AsyncIterable<Uint8Array>)) {
    heard();
    if (data.trim() === '[DONE]') return { end: end ?? 'end', calls: parts.calls };
    const chunk = read(data);
    if (chunk.text !== '') yield chunk.text;
    end = chunk.end ?? end;
  }
  if (end === undefined) throw request.broken('ended before the answer did');
  return { end, calls: parts.calls };
}
