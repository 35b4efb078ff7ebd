// Writes a text token by token: sampling, streaming, and when to end. Knows nothing of what the memory is.
import type { Tokenizer } from '../text/tokenizer.js';
import type { SamplingOptions } from './sampling.js';
import type { GenerationSession } from './session.js';
import { throwIfAborted } from '../core/abort.js';
import { ConfigError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { checkSamplingOptions, sampleToken } from './sampling.js';
import { StopStrings } from './stop-strings.js';

const defaultMaxTokens = 256;

export interface GenerateOptions extends SamplingOptions {
  /** Default: 256. Infinity writes until something else ends the text. */
  readonly maxTokens?: number | undefined;
  /** Texts at which to end; they do not become part of the text. */
  readonly stop?: readonly string[] | undefined;
  /** Draws come from this stream, and not from the seed: the way to go on with a text that was interrupted. */
  readonly random?: Random | undefined;
  /** Token ids at which to end, such as that of `<|endoftext|>`; they do not become part of the text. */
  readonly endTokens?: readonly number[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Why a text ended: at `maxTokens`, at a stop string, or at an end token. */
export type FinishReason = 'length' | 'stop' | 'end';

export interface GeneratedToken {
  readonly id: number;
  /** The text that became certain with this token; empty while a character or a possible stop string is incomplete. */
  readonly text: string;
  /** Set on the last token. */
  readonly finish?: FinishReason;
}

/** The stream of random numbers from which tokens are drawn. */
export function samplingStream(seed: number): Random {
  return Random.fromSeed(seed).split('sampling');
}

/** Text out of ids: a tokenizer. */
export type Detokenizer = Pick<Tokenizer, 'streamDecoder'>;

/**
 * Reads a prompt and writes on. When a token is handed out, the session has read it, so that it can go on from there.
 * Everything that the session has read counts for the repetition penalty.
 * @param tokenizer turns ids into text
 * @param prompt token ids; none, to go on from what the session has read
 * @throws {ConfigError} when an option has an impossible value
 * @throws {TokenizerError} when the prompt is empty or of another vocabulary
 * @throws {AbortedError} when the signal fires
 *
 * @example
 * for await (const { text } of generate(session, tokenizer, tokenizer.encode('Call me'), { topK: 40, seed: 1 })) {
 *   process.stdout.write(text);
 * }
 */
export function generate(
  session: GenerationSession,
  tokenizer: Detokenizer,
  prompt: ArrayLike<number>,
  options: GenerateOptions = {},
): AsyncGenerator<GeneratedToken, void, undefined> {
  checkSamplingOptions(options);
  checkMaxTokens(options.maxTokens);
  return write(session, new TextWriter(tokenizer, options), prompt, options);
}

async function* write(
  session: GenerationSession,
  writer: TextWriter,
  prompt: ArrayLike<number>,
  options: GenerateOptions,
): AsyncGenerator<GeneratedToken, void, undefined> {
  const random = options.random ?? samplingStream(options.seed ?? 0);
  const run = options.signal === undefined ? {} : { signal: options.signal };
  const { logits: remembered } = session;
  let logits =
    prompt.length === 0 && remembered !== undefined ? remembered : await session.prefill(prompt, run);
  for (;;) {
    throwIfAborted(options.signal);
    const id = sampleToken(logits, session.seen, options, random);
    logits = await session.step(id, run);
    const token = writer.add(id);
    yield token;
    if (token.finish !== undefined) return;
  }
}

/** The text of the tokens so far, and whether it ends. */
class TextWriter {
  private readonly decoder: ReturnType<Detokenizer['streamDecoder']>;
  private readonly stops: StopStrings;
  private readonly endTokens: readonly number[];
  private remaining: number;

  constructor(
    tokenizer: Detokenizer,
    { maxTokens = defaultMaxTokens, stop = [], endTokens = [] }: GenerateOptions,
  ) {
    this.decoder = tokenizer.streamDecoder();
    this.stops = new StopStrings(stop);
    this.endTokens = endTokens;
    this.remaining = maxTokens;
  }

  add(id: number): GeneratedToken {
    this.remaining--;
    if (this.endTokens.includes(id)) return { id, text: this.rest(), finish: 'end' };
    const text = this.stops.push(this.decoder.push(id));
    if (this.stops.stopped) return { id, text, finish: 'stop' };
    if (this.remaining > 0) return { id, text };
    const all = text + this.rest();
    return { id, text: all, finish: this.stops.stopped ? 'stop' : 'length' };
  }

  /** What was held back. */
  private rest(): string {
    return this.stops.push(this.decoder.end()) + this.stops.end();
  }
}

/** @throws {ConfigError} unless it is a positive number of tokens */
function checkMaxTokens(maxTokens = defaultMaxTokens): void {
  if (maxTokens === Infinity || (Number.isInteger(maxTokens) && maxTokens > 0)) return;
  throw new ConfigError(`maxTokens is ${maxTokens}; it must be a whole number of at least 1, or Infinity.`, {
    fields: { option: 'maxTokens', value: maxTokens },
  });
}

/** A text that was written. */
export interface Generation {
  readonly text: string;
  readonly ids: readonly number[];
  /** How many tokens were written. */
  readonly tokens: number;
  /** Of the tokens after the first, so that reading the prompt and compiling do not count. 0 when there is only one. */
  readonly tokensPerSecond: number;
  readonly finish: FinishReason;
}

/**
 * Collects a text to its end.
 * @param onText is called with each new piece of text
 */
export async function collect(
  stream: AsyncIterable<GeneratedToken>,
  onText: (text: string) => void = () => undefined,
): Promise<Generation> {
  const ids: number[] = [];
  let text = '';
  let finish: FinishReason = 'length';
  let startMs = 0;
  for await (const token of stream) {
    if (ids.length === 0) startMs = performance.now();
    ids.push(token.id);
    text += token.text;
    finish = token.finish ?? finish;
    if (token.text !== '') onText(token.text);
  }
  const seconds = (performance.now() - startMs) / 1000;
  const tokensPerSecond = ids.length > 1 ? (ids.length - 1) / seconds : 0;
  return { text, ids, tokens: ids.length, tokensPerSecond, finish };
}
