// A post-norm Transformer block that looks in both directions. Knows nothing of tokens or positions.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { FeedForwardOptions, FeedForwardParameters } from '../nn/feed-forward.js';
import type { LayerNormParameters } from '../nn/layer-norm.js';
import type { SelfAttentionOptions, SelfAttentionParameters } from '../nn/self-attention.js';
import { withScope } from '../engine/graph.js';
import { add } from '../engine/ops/arithmetic.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { Dropout } from '../nn/dropout.js';
import { FeedForward } from '../nn/feed-forward.js';
import { LayerNorm } from '../nn/layer-norm.js';
import { SelfAttention } from '../nn/self-attention.js';

export interface EncoderBlockOptions extends SelfAttentionOptions, FeedForwardOptions {
  /** Of the layer norms. */
  readonly epsilon?: number;
  /** While training. Default: 0. */
  readonly dropout?: number;
}

export interface EncoderBlockParameters<T> {
  readonly attention: SelfAttentionParameters<T>;
  readonly attentionNorm: LayerNormParameters<T>;
  readonly feedForward: FeedForwardParameters<T>;
  readonly feedForwardNorm: LayerNormParameters<T>;
}

/**
 * x = attentionNorm(x + attention(x)); x = feedForwardNorm(x + feedForward(x)).
 * Source: Devlin et al. 2019 (BERT), section 3; Vaswani et al. 2017, section 3.1.
 */
export class EncoderBlock {
  private readonly attention: SelfAttention;
  private readonly feedForward: FeedForward;
  private readonly norm: LayerNorm;
  private readonly dropout: Dropout;

  /** @throws {ConfigError} when the width is not a multiple of the heads */
  constructor(options: EncoderBlockOptions) {
    const { width, epsilon, dropout = 0 } = options;
    this.attention = new SelfAttention(options);
    this.feedForward = new FeedForward(options);
    this.norm = new LayerNorm(epsilon === undefined ? { width } : { width, epsilon });
    this.dropout = new Dropout({ rate: dropout });
  }

  init(random: Random): EncoderBlockParameters<TensorData> {
    return {
      attention: this.attention.init(random.split('attention')),
      attentionNorm: this.norm.init(random.split('attentionNorm')),
      feedForward: this.feedForward.init(random.split('feedForward')),
      feedForwardNorm: this.norm.init(random.split('feedForwardNorm')),
    };
  }

  /**
   * @param x [batch, time, width]
   * @param mask bool [batch, time], true where there is a token
   * @param key uint32[2] for dropout; without it nothing is dropped
   * @returns [batch, time, width]
   */
  apply(parameters: EncoderBlockParameters<Tensor>, x: Tensor, mask?: Tensor, key?: Tensor): Tensor {
    const drop = (y: Tensor, place: number): Tensor => this.dropout.apply(y, key && foldIn(key, place));
    const attended = withScope('attention', () => this.attention.apply(parameters.attention, x, mask));
    const middle = withScope('attentionNorm', () =>
      this.norm.apply(parameters.attentionNorm, add(x, drop(attended, 0))),
    );
    const fed = withScope('feedForward', () => this.feedForward.apply(parameters.feedForward, middle));
    return withScope('feedForwardNorm', () =>
      this.norm.apply(parameters.feedForwardNorm, add(middle, drop(fed, 1))),
    );
  }
}
