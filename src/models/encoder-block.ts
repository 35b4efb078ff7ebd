// A Transformer block that looks in both directions. Knows nothing of tokens or positions.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { FeedForwardOptions, FeedForwardParameters } from '../nn/feed-forward.js';
import type { LayerNormParameters } from '../nn/layer-norm.js';
import type { LongformerMasks } from '../nn/longformer-self-attention.js';
import type { SelfAttentionOptions } from '../nn/self-attention.js';
import type { BlockAttentionParameters, EncoderAttention } from './encoder-attention.js';
import type { ResidualOptions } from './residual.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { FeedForward } from '../nn/feed-forward.js';
import { BlockAttention } from './encoder-attention.js';
import { Residual } from './residual.js';

export interface EncoderBlockOptions extends SelfAttentionOptions, FeedForwardOptions, ResidualOptions {
  /** Default: full. */
  readonly attention?: EncoderAttention;
}

export interface EncoderBlockParameters<T> {
  readonly attention: BlockAttentionParameters<T>;
  readonly attentionNorm: LayerNormParameters<T>;
  readonly feedForward: FeedForwardParameters<T>;
  readonly feedForwardNorm: LayerNormParameters<T>;
}

/** Self-attention and feed-forward. Sources: Vaswani et al. 2017, section 3.1; Devlin et al. 2019 (BERT), section 3. */
export class EncoderBlock {
  private readonly attention: BlockAttention;
  private readonly feedForward: FeedForward;
  private readonly residual: Residual;

  /** @throws {ConfigError} when the width is not a multiple of the heads */
  constructor({ attention = { kind: 'full' }, ...options }: EncoderBlockOptions) {
    this.attention = new BlockAttention(attention, options);
    this.feedForward = new FeedForward(options);
    this.residual = new Residual(options);
  }

  init(random: Random): EncoderBlockParameters<TensorData> {
    return {
      attention: this.attention.init(random.split('attention')),
      attentionNorm: this.residual.init(random.split('attentionNorm')),
      feedForward: this.feedForward.init(random.split('feedForward')),
      feedForwardNorm: this.residual.init(random.split('feedForwardNorm')),
    };
  }

  /**
   * @param x [batch, time, width]
   * @param masks where there is a token, and which are global where attention is local
   * @param key uint32[2] for dropout; without it nothing is dropped
   * @returns [batch, time, width]
   */
  apply(
    parameters: EncoderBlockParameters<Tensor>,
    x: Tensor,
    masks: LongformerMasks = {},
    key?: Tensor,
  ): Tensor {
    const { output: attended } = this.residual.apply(
      'attention',
      parameters.attentionNorm,
      x,
      (input) => ({ output: this.attention.apply(parameters.attention, input, masks) }),
      key && foldIn(key, 0),
    );
    const { output } = this.residual.apply(
      'feedForward',
      parameters.feedForwardNorm,
      attended,
      (input) => ({ output: this.feedForward.apply(parameters.feedForward, input) }),
      key && foldIn(key, 1),
    );
    return output;
  }
}
