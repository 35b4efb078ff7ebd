// A part of a block with its residual connection, norm and dropout. Knows nothing of what the part does.
import type { TensorData } from '../core/tensor-data.js';
import type { Random } from '../core/random.js';
import type { Tensor } from '../engine/graph.js';
import type { LayerNormParameters } from '../nn/layer-norm.js';
import { withScope } from '../engine/graph.js';
import { add } from '../engine/ops/arithmetic.js';
import { Dropout } from '../nn/dropout.js';
import { LayerNorm } from '../nn/layer-norm.js';

/**
 * `post`: norm(x + f(x)), as in Vaswani et al. 2017 and BERT. `pre`: x + f(norm(x)), which trains more easily
 * (Xiong et al. 2020) and wants one more norm after the last block.
 */
export type NormOrder = 'pre' | 'post';

export interface ResidualOptions {
  readonly width: number;
  /** Default: `post`. */
  readonly normOrder?: NormOrder;
  /** Added to the variance. Default: that of `LayerNorm`. */
  readonly epsilon?: number;
  /** Of what is added, while training. Default: 0. */
  readonly dropout?: number;
}

/** Adds what a function makes of a sequence to the sequence, and normalizes. The norm's parameters are the caller's. */
export class Residual {
  readonly normOrder: NormOrder;
  private readonly norm: LayerNorm;
  private readonly dropout: Dropout;

  constructor({ width, normOrder = 'post', epsilon, dropout = 0 }: ResidualOptions) {
    this.normOrder = normOrder;
    this.norm = new LayerNorm(epsilon === undefined ? { width } : { width, epsilon });
    this.dropout = new Dropout({ rate: dropout });
  }

  init(random: Random): LayerNormParameters<TensorData> {
    return this.norm.init(random);
  }

  /**
   * @param scope path of the function; the norm's is the same with `Norm` behind
   * @param x [batch, time, width]
   * @param f returns what to add, and anything else, which is handed through
   * @param key uint32[2] for dropout; without it nothing is dropped
   */
  apply<Reading extends { readonly output: Tensor }>(
    scope: string,
    norm: LayerNormParameters<Tensor>,
    x: Tensor,
    f: (input: Tensor) => Reading,
    key?: Tensor,
  ): Reading {
    const normed = (y: Tensor): Tensor => withScope(`${scope}Norm`, () => this.norm.apply(norm, y));
    const isPre = this.normOrder === 'pre';
    const input = isPre ? normed(x) : x;
    const reading = withScope(scope, () => f(input));
    const sum = add(x, this.dropout.apply(reading.output, key));
    return { ...reading, output: isPre ? sum : normed(sum) };
  }
}
