// Gives each token of a sequence a label: a reader with a linear layer above. Knows nothing of text or of training.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { LinearParameters } from '../nn/linear.js';
import type { Reader, ReaderInput } from './reader.js';
import { parseConfig } from '../core/parse-config.js';
import { withScope } from '../engine/graph.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { Dropout } from '../nn/dropout.js';
import { Linear } from '../nn/linear.js';
import { createReader, readerSchema } from './reader.js';

const schema = z.strictObject({
  kind: z.literal('token-labeller').default('token-labeller'),
  classes: z.int().min(2),
  reader: readerSchema,
  /** Probability of dropping an element of what the output layer reads. */
  dropout: z.number().min(0).max(0.99).default(0),
});

export type TokenLabellerConfig = z.output<typeof schema>;

export interface TokenLabellerParameters<T> {
  readonly reader: Tree<T>;
  /** [width of the reader] to [classes] */
  readonly output: LinearParameters<T>;
}

/** logits of each token = W read(ids) + b. Source: Devlin et al. 2019, section 5.3, without the surrounding of a CRF. */
export class TokenLabeller {
  readonly config: TokenLabellerConfig;
  readonly reader: Reader;
  private readonly output: Linear;
  private readonly dropout: Dropout;

  /** @throws {ConfigError} when the config has an unknown key or sizes that do not fit */
  constructor(config: unknown) {
    const { reader, ...rest } = parseConfig(schema, config, 'Token labeller configuration');
    this.reader = createReader(reader);
    this.output = new Linear({ inputSize: this.reader.width, outputSize: rest.classes });
    this.dropout = new Dropout({ rate: rest.dropout });
    this.config = { ...rest, reader: { ...this.reader.config } as typeof reader };
  }

  init(random: Random): TokenLabellerParameters<TensorData> {
    return {
      reader: this.reader.init(random.split('reader')),
      output: this.output.init(random.split('output')),
    };
  }

  /** @returns logits [batch, time, classes]; what stands at padding means nothing */
  read(parameters: TokenLabellerParameters<Tensor>, { key, ...input }: ReaderInput): Tensor {
    const vectors = withScope('reader', () =>
      this.reader.read(parameters.reader, { ...input, key: key && foldIn(key, 0) }),
    );
    return this.output.apply(parameters.output, this.dropout.apply(vectors, key && foldIn(key, 1)));
  }
}
