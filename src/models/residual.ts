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
   * @param key uint32[2] for dropout; without it nothing is dropped
   */
  apply(
    scope: string,
    norm: LayerNormParameters<Tensor>,
    x: Tensor,
    f: (input: Tensor) => Tensor,
    key?: Tensor,
  ): Tensor {
    const normed = (y: Tensor): Tensor => withScope(`${scope}Norm`, () => this.norm.apply(norm, y));
    const changed = (input: Tensor): Tensor =>
      this.dropout.apply(
        withScope(scope, () => f(input)),
        key,
      );
    return this.normOrder === 'pre' ? add(x, changed(normed(x))) : normed(add(x, changed(x)));
  }
}
