// Classifies texts: a pooled reading of their tokens, beside a linear model of which n-grams they have. Knows nothing of text or of training.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { LinearParameters } from '../nn/linear.js';
import type { PoolingParameters } from '../nn/pooling.js';
import type { Reader } from './reader.js';
import { ConfigError, invariant } from '../core/errors.js';
import { parseConfig } from '../core/parse-config.js';
import { withScope } from '../engine/graph.js';
import { add, div, maximum } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { greater } from '../engine/ops/comparison.js';
import { gather } from '../engine/ops/indexing.js';
import { expandDims, reshape } from '../engine/ops/layout.js';
import { matmul } from '../engine/ops/matmul.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { sum } from '../engine/ops/reduce.js';
import { sqrt } from '../engine/ops/unary.js';
import { Dropout } from '../nn/dropout.js';
import { initialize } from '../nn/initializers.js';
import { lengthMask } from '../nn/mask.js';
import { Linear } from '../nn/linear.js';
import { Pooling, poolingNames } from '../nn/pooling.js';
import { createReader, readerSchema } from './reader.js';

const schema = z.strictObject({
  kind: z.literal('text-classifier').default('text-classifier'),
  classes: z.int().min(2),
  /** What reads the tokens; without it n-grams alone decide. */
  reader: readerSchema.optional(),
  /** How the vectors of tokens become one. Default: `last` where the reader looks back only, otherwise `mean-max`. */
  pooling: z.enum(poolingNames).optional(),
  /** Probability of dropping an element of what the output layer reads. */
  dropout: z.number().min(0).max(0.99).default(0),
  /** N-grams that are told apart; 0: none are looked at. */
  features: z.int().nonnegative().default(0),
  /** Probability of leaving out an n-gram while training. */
  featureDropout: z.number().min(0).max(0.99).default(0),
});

export type TextClassifierConfig = z.output<typeof schema>;
export type TextClassifierConfigInput = z.input<typeof schema>;

export interface TextClassifierParameters<T> {
  readonly reader?: Tree<T>;
  readonly pooling?: PoolingParameters<T>;
  readonly output?: LinearParameters<T>;
  /** [features + 1, classes]: what each n-gram says for each class; row 0 stands for none. */
  readonly features?: { readonly weight: T };
  /** [classes] */
  readonly bias: { readonly weight: T };
}

/** Texts to classify. */
export interface TextBatch<T> {
  /** int32 [batch, time] */
  readonly ids: T;
  /** int32 [batch]: how many of them are tokens and not padding */
  readonly lengths: T;
  /** int32 [batch, n-grams]: each n-gram of a text once, from 1; 0 is padding. Only where the model looks at n-grams. */
  readonly features?: T;
}

/**
 * logits = W pool(read(ids)) + (sum of the rows of its n-grams) / sqrt(number of n-grams) + bias.
 * N-grams beside a reading: as in wide and deep learning (Cheng et al. 2016) and fastText (Joulin et al. 2017).
 *
 * @example
 * const reader = { kind: 'bidirectional', vocabularySize: 4000, width: 64 };
 * const classifier = new TextClassifier({ classes: 3, reader, features: 20000 });
 */
export class TextClassifier {
  readonly config: TextClassifierConfig;
  readonly reader: Reader | undefined;
  private readonly pooling: Pooling | undefined;
  private readonly output: Linear | undefined;
  private readonly dropout: Dropout;
  private readonly featureDropout: Dropout;

  /** @throws {ConfigError} when the config has an unknown key or sizes that do not fit */
  constructor(config: unknown) {
    const { reader, pooling, ...rest } = parseConfig(schema, config, 'Text classifier configuration');
    const { classes, dropout, featureDropout, features } = rest;
    if (reader === undefined && features === 0) {
      throw new ConfigError(
        'Text classifier configuration: there is neither a reader nor are there n-grams. Give one of them.',
      );
    }
    this.dropout = new Dropout({ rate: dropout });
    this.featureDropout = new Dropout({ rate: featureDropout });
    if (reader === undefined) {
      this.config = rest;
      return;
    }
    this.reader = createReader(reader);
    const kind = pooling ?? (this.reader.config.kind === 'language-model' ? 'last' : 'mean-max');
    this.pooling = new Pooling({ kind, width: this.reader.width });
    this.output = new Linear({ inputSize: this.pooling.outputSize, outputSize: classes, bias: false });
    this.config = { ...rest, reader: { ...this.reader.config } as typeof reader, pooling: kind };
  }

  init(random: Random): TextClassifierParameters<TensorData> {
    const { classes, features } = this.config;
    const { reader, pooling, output } = this;
    const zeros = (shape: readonly number[]): TensorData => initialize('zeros', shape, random);
    return {
      ...(reader && { reader: reader.init(random.split('reader')) }),
      ...(pooling && { pooling: pooling.init(random.split('pooling')) }),
      ...(output && { output: output.init(random.split('output')) }),
      ...(features > 0 && { features: { weight: zeros([features + 1, classes]) } }),
      bias: { weight: zeros([classes]) },
    };
  }

  /**
   * @param key uint32[2] for dropout; without it nothing is dropped
   * @returns logits [batch, classes]
   * @throws {ShapeError} when the batch does not fit
   */
  read(
    parameters: TextClassifierParameters<Tensor>,
    { ids, lengths, features }: TextBatch<Tensor>,
    key?: Tensor,
  ): Tensor {
    const parts: Tensor[] = [];
    if (this.reader !== undefined)
      parts.push(this.ofReading(parameters, { ids, lengths, key: key && foldIn(key, 0) }));
    if (this.config.features > 0) {
      invariant(features !== undefined && parameters.features !== undefined, 'There are n-grams.');
      parts.push(this.ofFeatures(parameters.features.weight, features, key && foldIn(key, 1)));
    }
    return parts.reduce((logits, part) => add(logits, part), parameters.bias.weight);
  }

  private ofReading(
    parameters: TextClassifierParameters<Tensor>,
    input: { readonly ids: Tensor; readonly lengths: Tensor; readonly key: Tensor | undefined },
  ): Tensor {
    const { reader, pooling, output } = this;
    invariant(reader && pooling && output && parameters.reader && parameters.output, 'There is a reader.');
    const own = parameters.reader;
    const { lengths, ids, key } = input;
    const vectors = withScope('reader', () => reader.read(own, { ...input, key: key && foldIn(key, 0) }));
    const mask = lengthMask(lengths, ids.shape[1] ?? 0);
    const pooled = withScope('pooling', () => pooling.apply(parameters.pooling ?? {}, vectors, mask));
    return output.apply(parameters.output, this.dropout.apply(pooled, key && foldIn(key, 1)));
  }

  /** [batch, classes] */
  private ofFeatures(table: Tensor, features: Tensor, key: Tensor | undefined): Tensor {
    const [batch = 0] = features.shape;
    const present = cast(greater(features, 0), 'float32'); // [batch, n-grams]
    const count = maximum(sum(present, 1, { keepDims: true }), 1);
    const shares = this.featureDropout.apply(div(present, sqrt(count)), key);
    const rows = gather(table, features); // [batch, n-grams, classes]
    return reshape(matmul(expandDims(shares, 1), rows), [batch, this.config.classes]);
  }
}
