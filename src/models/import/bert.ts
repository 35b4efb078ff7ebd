// Checkpoints of the BERT family (BERT, RoBERTa, XLM-RoBERTa) as Hugging Face lays them out, read into our encoder. Knows nothing of files.
import { z } from 'zod';
import type { LayerNormParameters } from '../../nn/layer-norm.js';
import type { LinearParameters } from '../../nn/linear.js';
import type { EncoderBlockParameters } from '../encoder-block.js';
import type { EncoderConfig } from '../encoder-config.js';
import type { EncoderParameters } from '../encoder.js';
import { float16Value } from '../../core/dtype.js';
import { CheckpointError } from '../../core/errors.js';
import { parseConfig } from '../../core/parse-config.js';
import { formatShape, sameShape } from '../../core/shape.js';
import { TensorData } from '../../core/tensor-data.js';
import { parseEncoderConfig } from '../encoder-config.js';

const activations = {
  gelu: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  relu: 'relu',
  silu: 'silu',
} as const;

const kinds = ['bert', 'roberta', 'xlm-roberta', 'camembert'] as const;
const size = z.int().positive();

const schema = z.object({
  model_type: z.enum(kinds),
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  intermediate_size: size,
  max_position_embeddings: size,
  type_vocab_size: size.default(2),
  hidden_act: z.enum(Object.keys(activations) as (keyof typeof activations)[]).default('gelu'),
  layer_norm_eps: z.number().positive().default(1e-12),
  pad_token_id: z.int().nonnegative().default(0),
  position_embedding_type: z.literal('absolute').default('absolute'),
});

export interface BertLayout {
  readonly config: EncoderConfig;
  /** Row of the table of positions that belongs to the first token: RoBERTa and its kin count from behind the padding's id. */
  readonly firstPosition: number;
}

/**
 * Reads a `config.json` of Hugging Face.
 * @throws {ConfigError} when it describes another kind of model, or one that our encoder cannot be
 */
export function parseBertConfig(json: unknown): BertLayout {
  const given = parseConfig(schema, json, 'config.json of a BERT encoder');
  const firstPosition = given.model_type === 'bert' ? 0 : given.pad_token_id + 1;
  const config = parseEncoderConfig({
    vocabularySize: given.vocab_size,
    width: given.hidden_size,
    layers: given.num_hidden_layers,
    heads: given.num_attention_heads,
    hiddenSize: given.intermediate_size,
    maxLength: given.max_position_embeddings - firstPosition,
    segments: given.type_vocab_size,
    activation: activations[given.hidden_act],
    epsilon: given.layer_norm_eps,
  });
  return { config, firstPosition };
}

/** Tensors by their names in the checkpoint, such as an open safetensors file. */
export interface TensorSource {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, unknown>;
  read(name: string): Promise<TensorData>;
}

/**
 * Reads the parameters of an encoder. Linear weights are transposed to [in, out]; heads for other tasks are left out.
 * @throws {CheckpointError} when a tensor is missing or has another shape than the config says
 */
export async function readBertParameters(
  source: TensorSource,
  { config, firstPosition }: BertLayout,
): Promise<EncoderParameters<TensorData>> {
  const { vocabularySize, width, maxLength, segments, layers } = config;
  const weights = new BertWeights(source, config);
  const table = (name: string, rows: number): Promise<TensorData> =>
    weights.read(`embeddings.${name}_embeddings.weight`, [rows, width]);
  const positions = await table('position', firstPosition + maxLength);
  const blocks: EncoderBlockParameters<TensorData>[] = [];
  for (let i = 0; i < layers; i++) blocks.push(await weights.block(`encoder.layer.${i}`));
  return {
    embedding: { weight: await table('word', vocabularySize) },
    position: { weight: rowsFrom(positions, firstPosition) },
    segment: { weight: await table('token_type', segments) },
    norm: await weights.norm('embeddings.LayerNorm'),
    blocks,
  };
}

/** The tensors of a checkpoint as our layers hold them. */
class BertWeights {
  private readonly source: TensorSource;
  private readonly config: EncoderConfig;
  /** Files of models with a head call the encoder inside of them, such as `bert.`. */
  private readonly prefix: string;

  constructor(source: TensorSource, config: EncoderConfig) {
    this.source = source;
    this.config = config;
    const words = 'embeddings.word_embeddings.weight';
    const found = [...source.tensors.keys()].find((name) => name === words || name.endsWith(`.${words}`));
    this.prefix = found?.slice(0, -words.length) ?? '';
  }

  async block(path: string): Promise<EncoderBlockParameters<TensorData>> {
    const { width, hiddenSize } = this.config;
    const attention = (name: string) => this.linear(`${path}.attention.${name}`, width, width);
    return {
      attention: {
        query: await attention('self.query'),
        key: await attention('self.key'),
        value: await attention('self.value'),
        output: await attention('output.dense'),
      },
      attentionNorm: await this.norm(`${path}.attention.output.LayerNorm`),
      feedForward: {
        up: await this.linear(`${path}.intermediate.dense`, width, hiddenSize),
        down: await this.linear(`${path}.output.dense`, hiddenSize, width),
      },
      feedForwardNorm: await this.norm(`${path}.output.LayerNorm`),
    };
  }

  async norm(path: string): Promise<LayerNormParameters<TensorData>> {
    const shape = [this.config.width];
    return {
      scale: await this.read(`${path}.weight`, shape),
      bias: await this.read(`${path}.bias`, shape),
    };
  }

  private async linear(
    path: string,
    inputSize: number,
    outputSize: number,
  ): Promise<LinearParameters<TensorData>> {
    const weight = transposed(await this.read(`${path}.weight`, [outputSize, inputSize]));
    return { weight, bias: await this.read(`${path}.bias`, [outputSize]) };
  }

  async read(path: string, shape: readonly number[]): Promise<TensorData> {
    const name = this.prefix + path;
    const fail = (what: string): CheckpointError =>
      new CheckpointError(
        `"${this.source.path}" ${what}. Its config.json describes another model, or the file is not that of an encoder.`,
        { fields: { path: this.source.path, tensor: name } },
      );
    if (!this.source.tensors.has(name))
      throw fail(`lacks the tensor "${name}" ${formatShape(shape)} of an encoder`);
    const tensor = float32(await this.source.read(name));
    if (tensor === undefined || !sameShape(tensor.shape, shape)) {
      const given = tensor === undefined ? 'no floating-point numbers' : formatShape(tensor.shape);
      throw fail(`holds ${given} as "${name}", expected ${formatShape(shape)}`);
    }
    return tensor;
  }
}

/** The tensor in float32; `undefined` when it holds no floating-point numbers. */
function float32({ dtype, shape, data }: TensorData): TensorData | undefined {
  if (dtype === 'float32') return new TensorData(dtype, shape, data);
  if (dtype === 'float64') return new TensorData('float32', shape, Float32Array.from(data));
  if (dtype === 'float16') return new TensorData('float32', shape, Float32Array.from(data, float16Value));
  return undefined;
}

/** [rows, columns] to [columns, rows]. */
function transposed({ dtype, shape, data }: TensorData): TensorData {
  const [rows = 0, columns = 0] = shape;
  const values = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      values[column * rows + row] = data[row * columns + column] ?? 0;
  return new TensorData(dtype, [columns, rows], values);
}

/** A table without its first rows. */
function rowsFrom({ dtype, shape, data }: TensorData, first: number): TensorData {
  const [rows = 0, width = 0] = shape;
  return new TensorData(dtype, [rows - first, width], data.slice(first * width));
}
