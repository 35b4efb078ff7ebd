// A model trained here as a generator: reads the conversation as its template writes it, and only what is new where the prompt grew.
import type { TensorData } from '../../../core/tensor-data.js';
import type { Tree } from '../../../core/tree.js';
import type { Runtime } from '../../../engine/runtime/runtime.js';
import type { GenerationSession } from '../../../generate/index.js';
import type { ChatTemplate, Tokenizer } from '../../../text/index.js';
import type { SavedLanguageModel } from '../../language-model/load.js';
import type { AnswerEnd, GenerateAnswerOptions, Generator } from '../generator.js';
import type { ChatMessage } from '../message.js';
import { endOfTextId } from '../../../data/index.js';
import { generate, LoadedDecoder } from '../../../generate/index.js';
import { writeChat } from '../../../text/index.js';
import { canEncode, fittingTemplate } from './fitting-template.js';

export interface RunGeneratorOptions {
  /** Shown to people; default: `run`. */
  readonly name?: string;
  /** Of prompt and answer together, for a model without a bound of its own; default 4096. */
  readonly maxTokens?: number;
  /** How messages are written for the model; default: a transcript, `User: ... Assistant: ...`. */
  readonly template?: ChatTemplate | undefined;
}

const defaultMaxTokens = 4096;
const defaultTemperature = 0.8;

/** Frees the weights when it is disposed. */
export interface RunGenerator extends Generator {
  dispose(): Promise<void>;
}

/** A session and the ids it has read. */
interface Reading {
  readonly session: GenerationSession;
  readonly ids: number[];
}

/**
 * @param saved what `loadLanguageModel` gives
 * @throws {ConfigError} when the model has no tokens for what a template writes between messages
 */
export async function runGenerator(
  runtime: Runtime,
  { model, parameters, tokenizer }: Pick<SavedLanguageModel, 'model' | 'parameters' | 'tokenizer'>,
  options: RunGeneratorOptions = {},
): Promise<RunGenerator> {
  const template = fittingTemplate(tokenizer, options.template);
  const decoder = await LoadedDecoder.load(runtime, model, parameters as unknown as Tree<TensorData>);
  const continuation = new PromptGenerator(decoder, tokenizer, options, bareText);
  return new RunModel(decoder, tokenizer, options, continuation, template);
}

/** How messages become the text that a model goes on with. */
interface PromptFormat {
  readonly write: (messages: readonly ChatMessage[]) => string;
  /** Texts at which the answer ends. */
  readonly stops: readonly string[];
  /** What the beginning of an answer is told without. */
  readonly begin: (text: string) => string;
}

const chatFormat = (template: ChatTemplate): PromptFormat => ({
  write: (messages) => writeChat(messages, template),
  stops: template.stop,
  begin: (text) => text.trimStart(),
});

const bareText: PromptFormat = {
  write: (messages) => messages.map(({ content }) => content).join(''),
  stops: [],
  begin: (text) => text,
};

class PromptGenerator implements Generator {
  readonly name: string;
  readonly maxTokens: number;
  readonly exact = true;
  readonly #decoder: LoadedDecoder;
  readonly #tokenizer: Tokenizer;
  readonly #format: PromptFormat;
  readonly #readable = new Map<string, boolean>();
  /** What was read last, while nobody writes on it. */
  #idle: Reading | undefined;

  constructor(
    decoder: LoadedDecoder,
    tokenizer: Tokenizer,
    options: RunGeneratorOptions,
    format: PromptFormat,
  ) {
    this.name = options.name ?? 'run';
    this.maxTokens = Math.min(decoder.maxLength, options.maxTokens ?? defaultMaxTokens);
    this.#decoder = decoder;
    this.#tokenizer = tokenizer;
    this.#format = format;
  }

  countTokens(text: string): number {
    return this.#tokenizer.encode(this.readable(text)).length;
  }

  countPrompt(messages: readonly ChatMessage[]): number {
    return this.#encode(messages).length;
  }

  /** Without the characters that the vocabulary lacks. */
  readable(text: string): string {
    const characters = [...text];
    const known = characters.filter((character) => this.#canRead(character));
    return known.length === characters.length ? text : known.join('');
  }

  reset(): void {
    const { session } = this.#idle ?? {};
    this.#idle = undefined;
    void session?.dispose();
  }

  async *generate(
    messages: readonly ChatMessage[],
    { maxTokens, temperature = defaultTemperature, topP, seed, stop = [], signal }: GenerateAnswerOptions,
  ): AsyncGenerator<string, AnswerEnd> {
    const prompt = this.#encode(messages);
    const reading = await this.#readingOf(prompt);
    const stops = [...this.#format.stops, ...stop];
    const sampling = {
      maxTokens,
      temperature,
      topP,
      seed: seed ?? Math.floor(Math.random() * 2 ** 32),
      signal,
    };
    let isWhole = false;
    let end: AnswerEnd = 'end';
    try {
      const tokens = generate(reading.session, this.#tokenizer, prompt.slice(reading.ids.length), {
        ...sampling,
        stop: stops,
        endTokens: this.#endTokens(stops),
      });
      reading.ids.splice(0, reading.ids.length, ...prompt);
      let hasBegun = false;
      for await (const { id, text, finish } of tokens) {
        reading.ids.push(id);
        const piece: string = hasBegun ? text : this.#format.begin(text);
        hasBegun ||= piece !== '';
        if (piece !== '') yield piece;
        if (finish === 'length') end = finish;
      }
      isWhole = true;
      return end;
    } finally {
      await this.#putBack(reading, isWhole);
    }
  }

  /** The end of a text, and stops that are tokens of their own: a special token is never written out as text. */
  #endTokens(stops: readonly string[]): readonly number[] {
    const ids = [
      endOfTextId(this.#tokenizer),
      ...stops.map((text) => this.#tokenizer.specialTokens.get(text)),
    ];
    return ids.filter((id) => id !== undefined);
  }

  #encode(messages: readonly ChatMessage[]): Int32Array {
    const readable = messages.map(({ role, content }) => ({ role, content: this.readable(content) }));
    return this.#tokenizer.encode(this.#format.write(readable));
  }

  #canRead(character: string): boolean {
    const known = this.#readable.get(character);
    if (known !== undefined) return known;
    const isKnown = canEncode(this.#tokenizer, character);
    this.#readable.set(character, isKnown);
    return isKnown;
  }

  /** The session that has read the beginning of the prompt, or one that has read nothing. */
  async #readingOf(prompt: Int32Array): Promise<Reading> {
    const idle = this.#idle;
    this.#idle = undefined;
    if (idle === undefined) return { session: await this.#decoder.createSession(), ids: [] };
    if (idle.ids.length < prompt.length && idle.ids.every((id, at) => id === prompt[at])) return idle;
    await idle.session.reset();
    return { session: idle.session, ids: [] };
  }

  /** A session that was left in the middle of its work is not used again. */
  async #putBack(reading: Reading, isWhole: boolean): Promise<void> {
    const { session } = reading;
    if (isWhole && this.#idle === undefined && session.position === reading.ids.length) this.#idle = reading;
    else await session.dispose();
  }
}

/** Reads messages as a template writes them, and bare texts as they are. */
class RunModel extends PromptGenerator implements RunGenerator {
  readonly continuation: PromptGenerator;
  readonly #weights: LoadedDecoder;

  constructor(
    decoder: LoadedDecoder,
    tokenizer: Tokenizer,
    options: RunGeneratorOptions,
    continuation: PromptGenerator,
    template: ChatTemplate,
  ) {
    super(decoder, tokenizer, options, chatFormat(template));
    this.continuation = continuation;
    this.#weights = decoder;
  }

  override reset(): void {
    super.reset();
    this.continuation.reset();
  }

  async dispose(): Promise<void> {
    this.reset();
    await this.#weights.dispose();
  }
}
