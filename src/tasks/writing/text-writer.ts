// Writes texts in the light of texts: tokenizer, model on the device, and how texts are chosen. Knows no particular task.
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { SequenceToSequence } from '../../models/index.js';
import type { TextOrInContext } from '../tune/text-in-context.js';
import type { DecodingChoices } from './decoding.js';
import type { PairEncoder } from './pair-tokens.js';
import { LoadedWriter, writeTexts } from '../../generate/index.js';
import { writingOptions } from './decoding.js';

/** A text that was written. */
export interface WrittenText {
  readonly text: string;
  /** What texts for the same source are ordered by: log-probability, with the penalties for length and coverage. */
  readonly score: number;
  /** Sum over the tokens, in nats. */
  readonly logProbability: number;
  /** Without start and end token. */
  readonly tokens: readonly number[];
  /** `end`: it ended by itself. `length`: it was cut off. */
  readonly finish: 'end' | 'length';
}

export interface WriteOptions extends DecodingChoices {
  readonly signal?: AbortSignal | undefined;
  /** @param done sources that were written for */
  readonly onProgress?: ((done: number) => void) | undefined;
}

export interface TextWriterOptions {
  readonly model: SequenceToSequence;
  readonly encoder: PairEncoder;
  /** Tokens of a text for a source of so many, when nobody says how many. */
  readonly usualTokens: (sourceTokens: number) => number;
  readonly decoding: DecodingChoices;
}

/** A model on the device that writes for texts. */
export class TextWriter {
  readonly encoder: PairEncoder;
  private readonly loaded: LoadedWriter;
  private readonly options: TextWriterOptions;

  private constructor(loaded: LoadedWriter, options: TextWriterOptions) {
    this.loaded = loaded;
    this.options = options;
    this.encoder = options.encoder;
  }

  static async load(
    runtime: Runtime,
    parameters: Tree<TensorData>,
    options: TextWriterOptions,
  ): Promise<TextWriter> {
    return new TextWriter(await LoadedWriter.load(runtime, options.model, parameters), options);
  }

  /** Goes on with other weights of the same model; programs are kept. */
  replace(parameters: Tree<TensorData>): Promise<void> {
    return this.loaded.replace(parameters);
  }

  /**
   * The best text for each source.
   * @throws {ConfigError} when an option has an impossible value
   * @throws {AbortedError} when the signal fires
   */
  async write(sources: readonly TextOrInContext[], options: WriteOptions = {}): Promise<WrittenText[]> {
    const all = await this.writeSeveral(sources, { ...options, results: 1 });
    return all.flatMap((texts) => texts.slice(0, 1));
  }

  /** For each source as many texts as the choices ask for: the best first, or samples as they were drawn. */
  async writeSeveral(
    sources: readonly TextOrInContext[],
    options: WriteOptions = {},
  ): Promise<WrittenText[][]> {
    const { encoder, model, usualTokens } = this.options;
    const usual = options.sample === undefined ? this.options.decoding : {};
    const { signal, onProgress, ...choices } = { ...usual, ...options };
    const most = Math.min(choices.maxTokens ?? model.maxLength, model.maxLength);
    const own = { ...writingOptions(choices, encoder, most), signal };
    const ids = sources.map((source) => encoder.source(source));
    const written = await writeTexts(this.loaded, ids, own, {
      maxTokensFor: (length) => choices.maxTokens ?? usualTokens(length),
      padId: encoder.ids.padId,
      onProgress,
    });
    return written.map((hypotheses) =>
      hypotheses.map((hypothesis) => ({ text: encoder.text(hypothesis.tokens), ...hypothesis })),
    );
  }

  dispose(): Promise<void> {
    return this.loaded.dispose();
  }
}
