// An encoder with the head that guesses hidden tokens, for pre-training. Knows nothing of how tokens are hidden.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { CrossEntropy } from '../nn/cross-entropy.js';
import type { LayerNormParameters } from '../nn/layer-norm.js';
import type { LinearParameters } from '../nn/linear.js';
import type { EncoderConfig } from './encoder-config.js';
import type { EncoderParameters } from './encoder.js';
import { withScope } from '../engine/graph.js';
import { add } from '../engine/ops/arithmetic.js';
import { gather } from '../engine/ops/indexing.js';
import { rowsOf } from '../engine/ops/matmul.js';
import { crossEntropy } from '../nn/cross-entropy.js';
import { Embedding } from '../nn/embedding.js';
import { activations } from '../nn/feed-forward.js';
import { initialize } from '../nn/initializers.js';
import { LayerNorm } from '../nn/layer-norm.js';
import { Linear } from '../nn/linear.js';
import { lengthMask } from '../nn/mask.js';
import { Encoder, encoderDeviation } from './encoder.js';

export interface MaskedLanguageModelParameters<T> {
  readonly encoder: EncoderParameters<T>;
  readonly head: {
    /** width -> width */
    readonly transform: LinearParameters<T>;
    readonly norm: LayerNormParameters<T>;
    /** [vocabularySize]; the weight is the embedding of the encoder. */
    readonly bias: T;
  };
}

/** Sequences with hidden tokens. */
export interface MaskedSequences<T> {
  /** int32 [batch, time] */
  readonly ids: T;
  /** int32 [batch]: how many of them are tokens and not padding */
  readonly lengths: T;
  /** int32 [count]: where tokens are to be guessed, `row * time + position` */
  readonly places: T;
  /** int32 [count]: what stood there; -1 is not counted */
  readonly targets: T;
}

/**
 * logits = norm(activation(W x + b)) E^T + c at hidden places only, with E the embedding of tokens.
 * Source: Devlin et al. 2019 (BERT), section 3.1 and the authors' code for the head.
 *
 * @example
 * const model = new MaskedLanguageModel({ vocabularySize: 8000, width: 256, layers: 4, heads: 4, maxLength: 128 });
 * const parameters = model.init(Random.fromSeed(1));
 */
export class MaskedLanguageModel {
  readonly encoder: Encoder;
  private readonly embedding: Embedding;
  private readonly transform: Linear;
  private readonly norm: LayerNorm;

  /** @param config of the encoder @throws {ConfigError} when it has an unknown key or sizes that do not fit */
  constructor(config: unknown) {
    this.encoder = new Encoder(config);
    const { vocabularySize, width, epsilon } = this.encoder.config;
    this.embedding = new Embedding({ vocabularySize, width });
    this.transform = new Linear({
      inputSize: width,
      outputSize: width,
      weightInitializer: { normal: encoderDeviation },
    });
    this.norm = new LayerNorm({ width, epsilon });
  }

  get config(): EncoderConfig {
    return this.encoder.config;
  }

  init(random: Random): MaskedLanguageModelParameters<TensorData> {
    const head = random.split('head');
    return {
      encoder: this.encoder.init(random.split('encoder')),
      head: {
        transform: this.transform.init(head.split('transform')),
        norm: this.norm.init(head.split('norm')),
        bias: initialize('zeros', [this.config.vocabularySize], head.split('bias')),
      },
    };
  }

  /**
   * What stands at hidden places.
   * @param key uint32[2] for dropout; without it nothing is dropped
   * @returns [count, vocabularySize]
   */
  logits(
    { encoder, head }: MaskedLanguageModelParameters<Tensor>,
    { ids, lengths, places }: Omit<MaskedSequences<Tensor>, 'targets'>,
    key?: Tensor,
  ): Tensor {
    const mask = lengthMask(lengths, ids.shape[1] ?? 0);
    const hidden = withScope('encoder', () => this.encoder.read(encoder, ids, mask, key ? { key } : {}));
    return withScope('head', () => {
      const chosen = gather(rowsOf(hidden), places); // [count, width]
      const activation = activations[this.config.activation];
      const transformed = activation(
        withScope('transform', () => this.transform.apply(head.transform, chosen)),
      );
      const normed = withScope('norm', () => this.norm.apply(head.norm, transformed));
      return add(this.embedding.logits(encoder.embedding, normed), head.bias);
    });
  }

  /** Cross-entropy of what was hidden, in nats. @param key uint32[2] for dropout, absent in evaluation */
  loss(
    parameters: MaskedLanguageModelParameters<Tensor>,
    { targets, ...sequences }: MaskedSequences<Tensor>,
    key?: Tensor,
  ): CrossEntropy<Tensor> {
    return crossEntropy(this.logits(parameters, sequences, key), targets);
  }
}
