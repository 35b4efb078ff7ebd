// Texts to vectors with an encoder of the BERT family on our own engine. Knows nothing of what the vectors are for.
import type { Embedder, EmbeddingRole } from '../../archive/embedder.js';
import type { Files } from '../../core/files.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { SentenceModel } from './model-folder.js';
import { bytesOf } from '../../core/dtype.js';
import { leavesOf } from '../../core/tree.js';
import { Encoder } from '../../models/encoder.js';
import { planBatches } from './batch-plan.js';
import { LoadedEncoder } from './loaded-encoder.js';
import { readSentenceModel } from './model-folder.js';
import { SequenceTokenizer } from './sequence-tokenizer.js';

export type Prefixes = Readonly<Record<EmbeddingRole, string>>;

export interface SentenceEncoderOptions {
  readonly files: Files;
  readonly runtime: Runtime;
  /** Default: made of the model's sizes and a digest of its weights and of what else decides its vectors. */
  readonly name?: string;
  /** Put before every text. Default: the model's own prompts; E5 wants `query: ` and `passage: ` and does not say so itself. */
  readonly prefixes?: Partial<Prefixes>;
  /** Whether vectors get length 1, as archives expect them. `false` leaves them as the model makes them. Default: true. */
  readonly normalize?: boolean;
}

/** A sentence encoder that is ready to embed. Its `dispose` frees what it holds of the runtime, not the runtime. */
export class SentenceEncoder implements Embedder {
  readonly name: string;
  readonly dimension: number;
  /** Tokens of the longest sequence; what is longer loses its end. */
  readonly maxTokens: number;
  readonly prefixes: Prefixes;
  private readonly tokenizer: SequenceTokenizer;
  private readonly loaded: LoadedEncoder;

  constructor(name: string, model: SentenceModel, prefixes: Prefixes, loaded: LoadedEncoder) {
    this.name = name;
    this.dimension = model.config.width;
    this.maxTokens = model.maxTokens;
    this.prefixes = prefixes;
    this.tokenizer = new SequenceTokenizer(model.tokenizer, model.maxTokens);
    this.loaded = loaded;
  }

  /**
   * One vector for each text, in order. A text that has more than `maxTokens` tokens, prefix included, is represented by
   * its beginning; split it where that is not enough. An empty text has a vector too.
   */
  async embed(texts: readonly string[], role: EmbeddingRole = 'passage'): Promise<Float32Array[]> {
    const sequences = texts.map((text) => this.tokenizer.encode(this.prefixes[role] + text));
    const vectors: Float32Array[] = sequences.map(() => new Float32Array());
    const lengths = sequences.map(({ length }) => length);
    for (const { rows, length } of planBatches(lengths, this.maxTokens)) {
      const batch = rows.flatMap((row) => sequences[row] ?? []);
      const read = await this.loaded.read(batch, length);
      read.forEach((vector, i) => (vectors[rows[i] ?? 0] = vector));
    }
    return vectors;
  }

  dispose(): Promise<void> {
    return this.loaded.dispose();
  }
}

/**
 * Loads a sentence encoder from a folder as on the Hugging Face hub: see `readSentenceModel` for the files.
 *
 * @example
 * const encoder = await createSentenceEncoder('models/all-MiniLM-L6-v2', { files, runtime });
 * const [vector] = await encoder.embed(['A text.']);
 *
 * @throws {CheckpointError} when a tensor is missing or does not fit
 * @throws {ConfigError} when the model is of a kind that Mneme does not have
 */
export async function createSentenceEncoder(
  folder: string,
  { files, runtime, ...options }: SentenceEncoderOptions,
): Promise<SentenceEncoder> {
  const model = await readSentenceModel(files, folder);
  const { query = '', passage = model.prompts['document'] ?? '' } = model.prompts;
  const prefixes = { query, passage, ...options.prefixes };
  const normalize = model.normalized || (options.normalize ?? true);
  const name = options.name ?? (await nameOf(model, { prefixes, normalize }));
  const { config, parameters, pooling } = model;
  const loaded = await LoadedEncoder.load(runtime, new Encoder(config), parameters, { pooling, normalize });
  return new SentenceEncoder(name, model, prefixes, loaded);
}

/**
 * A name that two encoders share exactly when their vectors can be compared, wherever their files lie. Of the weights,
 * biases and scales enter: every training changes all of them.
 */
async function nameOf(
  model: SentenceModel,
  settings: { prefixes: Prefixes; normalize: boolean },
): Promise<string> {
  const { config, parameters, pooling, maxTokens } = model;
  const vectors = leavesOf<TensorData>(parameters as unknown as Tree<TensorData>).filter(
    ({ shape }) => shape.length === 1,
  );
  const plain = new TextEncoder().encode(JSON.stringify([config, pooling, maxTokens, settings]));
  const whole = new Blob([plain, ...vectors.map(({ data }) => bytesOf(data).slice())]);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await whole.arrayBuffer()));
  const hex = Array.from(digest.subarray(0, 6), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `encoder-${config.layers}x${config.width}-${hex}`;
}
