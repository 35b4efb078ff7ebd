// One vector for a sequence, from the vectors of its tokens. Knows nothing of what made them.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { LinearParameters } from './linear.js';
import { invariant } from '../core/errors.js';
import { add, div, maximum, mul, sub } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { range } from '../engine/ops/constant.js';
import { gather } from '../engine/ops/indexing.js';
import { expandDims, reshape } from '../engine/ops/layout.js';
import { matmul, rowsOf } from '../engine/ops/matmul.js';
import { max, sum } from '../engine/ops/reduce.js';
import { slice, concat } from '../engine/ops/slicing.js';
import { softmax } from '../engine/ops/softmax.js';
import { where } from '../engine/ops/where.js';
import { Linear } from './linear.js';
import { hiddenScore, maskBias } from './mask.js';

/**
 * `first` and `last`: the vector at the first or last token; `mean` and `max` over the tokens; `mean-max` both, one behind the
 * other; `attention`: the mean weighted by softmax(w x), with w learned.
 */
export const poolingNames = ['first', 'last', 'mean', 'max', 'mean-max', 'attention'] as const;

export type PoolingName = (typeof poolingNames)[number];

export interface PoolingParameters<T> {
  /** `attention`: [width, 1] */
  readonly score?: LinearParameters<T>;
}

/** Pools vectors. Sources: Kim 2014 (max), Shen et al. 2018 (mean, max and both), Yang et al. 2016 (attention). */
export class Pooling {
  readonly kind: PoolingName;
  readonly outputSize: number;
  private readonly score: Linear;

  constructor({ kind, width }: { readonly kind: PoolingName; readonly width: number }) {
    this.kind = kind;
    this.outputSize = kind === 'mean-max' ? 2 * width : width;
    this.score = new Linear({ inputSize: width, outputSize: 1, bias: false });
  }

  init(random: Random): PoolingParameters<TensorData> {
    return this.kind === 'attention' ? { score: this.score.init(random.split('score')) } : {};
  }

  /**
   * @param x [batch, time, width]
   * @param mask bool [batch, time], true where there is a token; tokens come first
   * @returns [batch, outputSize]
   */
  apply(parameters: PoolingParameters<Tensor>, x: Tensor, mask: Tensor): Tensor {
    const [batch = 0, time = 0, width = 0] = x.shape;
    switch (this.kind) {
      case 'first':
        return reshape(slice(x, 1, 0, 1), [batch, width]);
      case 'last': {
        const lengths = sum(cast(mask, 'int32'), 1); // [batch]
        return gather(rowsOf(x), add(mul(range(batch), time), maximum(sub(lengths, 1), 0)));
      }
      case 'mean':
        return meanOf(x, mask);
      case 'max':
        return maxOf(x, mask);
      case 'mean-max':
        return concat([meanOf(x, mask), maxOf(x, mask)]);
      case 'attention': {
        invariant(parameters.score !== undefined, 'Attention has scores.');
        const scores = reshape(this.score.apply(parameters.score, x), [batch, time]);
        return weighted(x, softmax(add(scores, maskBias(mask))));
      }
    }
  }
}

/** @param weights [batch, time] */
function weighted(x: Tensor, weights: Tensor): Tensor {
  const [batch = 0, , width = 0] = x.shape;
  return reshape(matmul(expandDims(weights, 1), x), [batch, width]);
}

/** The mean of the vectors at tokens; 0 where there is none. */
export function meanOf(x: Tensor, mask: Tensor): Tensor {
  const tokens = cast(mask, 'float32');
  return weighted(x, div(tokens, maximum(sum(tokens, 1, { keepDims: true }), 1)));
}

function maxOf(x: Tensor, mask: Tensor): Tensor {
  return max(where(expandDims(mask, 2), x, hiddenScore), 1);
}
