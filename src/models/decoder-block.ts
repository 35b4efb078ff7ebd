// A Transformer block that writes: attention to what was written, attention to a source, feed-forward. Knows nothing of tokens or positions.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { AttentionParameters, AttentionState } from '../memory/attention.js';
import type { KeysAndValues } from '../nn/cross-attention.js';
import type { FeedForwardOptions, FeedForwardParameters } from '../nn/feed-forward.js';
import type { LayerNormParameters } from '../nn/layer-norm.js';
import type { SelfAttentionParameters } from '../nn/self-attention.js';
import type { ResidualOptions } from './residual.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { Attention } from '../memory/attention.js';
import { CrossAttention } from '../nn/cross-attention.js';
import { FeedForward } from '../nn/feed-forward.js';
import { Residual } from './residual.js';

export interface DecoderBlockOptions extends FeedForwardOptions, ResidualOptions {
  readonly heads: number;
  /** Tokens that can be written. */
  readonly capacity: number;
}

export interface DecoderBlockParameters<T> {
  readonly selfAttention: AttentionParameters<T>;
  readonly selfAttentionNorm: LayerNormParameters<T>;
  readonly crossAttention: SelfAttentionParameters<T>;
  readonly crossAttentionNorm: LayerNormParameters<T>;
  readonly feedForward: FeedForwardParameters<T>;
  readonly feedForwardNorm: LayerNormParameters<T>;
}

/** What a block looks at while it writes. */
export interface Source<T> extends KeysAndValues<T> {
  /** bool [batch, sourceTime], true where there is a token */
  readonly mask: T;
}

export interface DecoderBlockReading {
  readonly output: Tensor;
  readonly state: AttentionState<Tensor>;
  readonly attention: Tensor;
}

/** Source: Vaswani et al. 2017, section 3.1. */
export class DecoderBlock {
  private readonly selfAttention: Attention;
  private readonly crossAttention: CrossAttention;
  private readonly feedForward: FeedForward;
  private readonly residual: Residual;

  /** @throws {ConfigError} when the width is not a multiple of the heads */
  constructor(options: DecoderBlockOptions) {
    const { width, heads, capacity, weightInitializer } = options;
    const sizes = { width, heads, ...(weightInitializer && { weightInitializer }) };
    this.selfAttention = new Attention({ ...sizes, capacity });
    this.crossAttention = new CrossAttention(sizes);
    this.feedForward = new FeedForward(options);
    this.residual = new Residual(options);
  }

  init(random: Random): DecoderBlockParameters<TensorData> {
    return {
      selfAttention: this.selfAttention.init(random.split('selfAttention')),
      selfAttentionNorm: this.residual.init(random.split('selfAttentionNorm')),
      crossAttention: this.crossAttention.init(random.split('crossAttention')),
      crossAttentionNorm: this.residual.init(random.split('crossAttentionNorm')),
      feedForward: this.feedForward.init(random.split('feedForward')),
      feedForwardNorm: this.residual.init(random.split('feedForwardNorm')),
    };
  }

  /** What nothing was written into yet. */
  initialState(batch: number): AttentionState<TensorData> {
    return this.selfAttention.initialState(batch);
  }

  /** Keys and values of a source [batch, sourceTime, width], computed once. */
  keysAndValues(parameters: DecoderBlockParameters<Tensor>, source: Tensor): KeysAndValues<Tensor> {
    return this.crossAttention.keysAndValues(parameters.crossAttention, source);
  }

  /**
   * @param x [batch * rows, time, width]: `rows` sequences in a row are written from the same source
   * @param state default: nothing was written before
   * @param key uint32[2] for dropout; without it nothing is dropped
   * @returns `output` as x; `attention` to the source, [batch * rows, time, sourceTime]
   */
  read(
    parameters: DecoderBlockParameters<Tensor>,
    x: Tensor,
    source: Source<Tensor>,
    state?: AttentionState<Tensor>,
    key?: Tensor,
  ): DecoderBlockReading {
    const { residual } = this;
    const own = residual.apply(
      'selfAttention',
      parameters.selfAttentionNorm,
      x,
      (input) => this.selfAttention.read(parameters.selfAttention, input, state),
      key && foldIn(key, 0),
    );
    const crossed = residual.apply(
      'crossAttention',
      parameters.crossAttentionNorm,
      own.output,
      (input) => this.crossAttention.apply(parameters.crossAttention, input, source, source.mask),
      key && foldIn(key, 1),
    );
    const { output } = residual.apply(
      'feedForward',
      parameters.feedForwardNorm,
      crossed.output,
      (input) => ({ output: this.feedForward.apply(parameters.feedForward, input) }),
      key && foldIn(key, 2),
    );
    return { output, state: own.state, attention: crossed.weights };
  }
}
