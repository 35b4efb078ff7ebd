// Multi-head self-attention in both directions: every position sees every position that holds a token. Knows no cache.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Initializer } from './initializers.js';
import type { LinearParameters } from './linear.js';
import { ConfigError } from '../core/errors.js';
import { withScope } from '../engine/graph.js';
import { reshape } from '../engine/ops/layout.js';
import { joinHeads, splitHeads } from './heads.js';
import { badInput, requireAxes, requireWidth } from './layer.js';
import { Linear } from './linear.js';
import { scaledDotProductAttention } from './scaled-dot-product-attention.js';
import { maskBias } from './mask.js';

export interface SelfAttentionOptions {
  readonly width: number;
  readonly heads: number;
  readonly weightInitializer?: Initializer;
}

export interface SelfAttentionParameters<T> {
  readonly query: LinearParameters<T>;
  readonly key: LinearParameters<T>;
  readonly value: LinearParameters<T>;
  readonly output: LinearParameters<T>;
}

/** softmax(q k^T / sqrt(headSize)) v over all positions. Source: Vaswani et al. 2017, section 3.2. */
export class SelfAttention {
  readonly width: number;
  readonly heads: number;
  private readonly linear: Linear;

  /** @throws {ConfigError} when the width is not a multiple of the heads */
  constructor({ width, heads, weightInitializer }: SelfAttentionOptions) {
    if (width % heads !== 0) {
      throw new ConfigError(
        `self-attention: width ${width} is not a multiple of heads ${heads}; choose sizes that divide.`,
      );
    }
    this.width = width;
    this.heads = heads;
    this.linear = new Linear({ inputSize: width, outputSize: width, weightInitializer });
  }

  init(random: Random): SelfAttentionParameters<TensorData> {
    return {
      query: this.linear.init(random.split('query')),
      key: this.linear.init(random.split('key')),
      value: this.linear.init(random.split('value')),
      output: this.linear.init(random.split('output')),
    };
  }

  /**
   * @param x [batch, time, width]
   * @param mask bool [batch, time], true where there is a token; without it there is one everywhere
   * @returns [batch, time, width]; what stands at padding means nothing
   */
  apply(parameters: SelfAttentionParameters<Tensor>, x: Tensor, mask?: Tensor): Tensor {
    const name = `SelfAttention(${this.width}, ${this.heads} heads)`;
    requireAxes(name, x, ['batch', 'time', 'width']);
    requireWidth(name, x, this.width);
    const [batch = 0, time = 0] = x.shape;
    const project = (part: keyof typeof parameters, input: Tensor): Tensor =>
      withScope(part, () => this.linear.apply(parameters[part], input));
    const byHead = (part: 'query' | 'key' | 'value'): Tensor => splitHeads(project(part, x), this.heads);
    const bias = mask && reshape(paddingBias(name, mask, x), [batch, 1, 1, time]);
    const attended = scaledDotProductAttention(
      byHead('query'),
      byHead('key'),
      byHead('value'),
      bias && { bias },
    ); // [batch, heads, time, headSize]
    return project('output', joinHeads(attended));
  }
}

/** @throws {ShapeError} when the mask does not belong to `x` */
function paddingBias(name: string, mask: Tensor, x: Tensor): Tensor {
  const [batch, time] = x.shape;
  if (mask.dtype !== 'bool' || String(mask.shape) !== String([batch, time]))
    throw badInput(name, mask, `the mask must be bool[${batch}, ${time}], true where there is a token`);
  return maskBias(mask);
}
