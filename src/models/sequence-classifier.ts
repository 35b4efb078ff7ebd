// Classifies sequences of tokens with any memory, from its output at the last token. Knows nothing of training or of text.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { AnyMemory } from '../memory/memory-kind.js';
import type { EmbeddingParameters } from '../nn/embedding.js';
import type { LinearParameters } from '../nn/linear.js';
import { parseConfig } from '../core/parse-config.js';
import { withScope } from '../engine/graph.js';
import { add, maximum, mul, sub } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { range } from '../engine/ops/constant.js';
import { gather } from '../engine/ops/indexing.js';
import { rowsOf } from '../engine/ops/matmul.js';
import { sum } from '../engine/ops/reduce.js';
import { createMemory, memoryConfigSchema } from '../memory/create-memory.js';
import { Embedding } from '../nn/embedding.js';
import { requireAxes } from '../nn/layer.js';
import { Linear } from '../nn/linear.js';
import { isWord } from '../nn/sentence-encoding.js';

const size = z.int().positive();

const schema = z.strictObject({
  kind: z.literal('sequence-classifier').default('sequence-classifier'),
  /** Number of token ids; 0 is padding. */
  vocabularySize: size,
  classes: size,
  width: size.default(128),
  /** A memory by name, or with options of its own. */
  memory: memoryConfigSchema.default('lstm'),
  /** Attention heads, where the memory has some. */
  heads: size.default(4),
  /** Tokens of the longest sequence. */
  maxLength: size.default(1024),
});

export type SequenceClassifierConfig = z.output<typeof schema>;
export type SequenceClassifierConfigInput = z.input<typeof schema>;

export interface SequenceClassifierParameters<T> {
  readonly embedding: EmbeddingParameters<T>;
  readonly memory: Tree<T>;
  /** [width] to [classes] */
  readonly output: LinearParameters<T>;
}

/**
 * logits = W y + b, with y the output of the memory at the last token that is not padding.
 *
 * @example
 * const classifier = new SequenceClassifier({ vocabularySize: 40, classes: 6, memory: 'lstm' });
 * const parameters = classifier.init(Random.fromSeed(1));
 */
export class SequenceClassifier {
  readonly config: SequenceClassifierConfig;
  private readonly embedding: Embedding;
  private readonly memory: AnyMemory;
  private readonly output: Linear;

  /** @throws {ConfigError} when the config has an unknown key or an impossible value */
  constructor(config: unknown) {
    this.config = parseConfig(schema, config, 'Sequence classifier configuration');
    const { vocabularySize, width, classes, memory, heads, maxLength } = this.config;
    this.embedding = new Embedding({ vocabularySize, width, initializer: { normal: 0.1 } });
    this.memory = createMemory(memory, { width, heads, maxLength });
    this.output = new Linear({ inputSize: width, outputSize: classes });
  }

  init(random: Random): SequenceClassifierParameters<TensorData> {
    return {
      embedding: this.embedding.init(random.split('embedding')),
      memory: this.memory.init(random.split('memory')),
      output: this.output.init(random.split('output')),
    };
  }

  /**
   * @param tokens int32 [batch, time], each sequence filled up behind its end with 0; at least one token each
   * @returns logits [batch, classes]
   * @throws {ShapeError} when tokens have another shape
   */
  read(parameters: SequenceClassifierParameters<Tensor>, tokens: Tensor): Tensor {
    requireAxes('SequenceClassifier', tokens, ['batch', 'time']);
    const [batch = 0, time = 0] = tokens.shape;
    const x = this.embedding.apply(parameters.embedding, tokens);
    const { output } = withScope('memory', () => this.memory.read(parameters.memory, x));
    const lengths = sum(cast(isWord(tokens), 'int32'), 1); // [batch]
    const last = add(mul(range(batch), time), maximum(sub(lengths, 1), 0));
    return this.output.apply(parameters.output, gather(rowsOf(output), last));
  }
}
