// Queries, keys and values of heads, each mixed with the few tokens before it. Knows no memory.
import type { Random } from '../../core/random.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tensor } from '../../engine/graph.js';
import type { Initializer } from '../../nn/initializers.js';
import type { ShortConvolutionParameters } from './short-convolution.js';
import { withScope } from '../../engine/graph.js';
import { silu } from '../../engine/ops/gelu.js';
import { matmul } from '../../engine/ops/matmul.js';
import { concat, split } from '../../engine/ops/slicing.js';
import { initialize } from '../../nn/initializers.js';
import { ShortConvolution } from './short-convolution.js';

export interface HeadProjectionOptions {
  readonly width: number;
  /** Size of all keys of a token; queries have the same. */
  readonly keyWidth: number;
  /** Size of all values of a token. */
  readonly valueWidth: number;
  /** Tokens that the convolution behind the projection sees; 0: there is none. */
  readonly convolution: number;
  /** What queries, keys and values go through at last. */
  readonly activation: 'silu' | 'none';
  readonly weightInitializer?: Initializer | undefined;
}

export interface HeadProjectionParameters<T> {
  /** [width, keyWidth] */
  readonly query: T;
  /** [width, keyWidth] */
  readonly key: T;
  /** [width, valueWidth] */
  readonly value: T;
  /** Over queries, keys and values. */
  readonly convolution?: ShortConvolutionParameters<T>;
}

export interface Projected {
  /** [batch, time, keyWidth] */
  readonly query: Tensor;
  /** [batch, time, keyWidth] */
  readonly key: Tensor;
  /** [batch, time, valueWidth] */
  readonly value: Tensor;
  /** State of the convolution: [batch, convolution - 1, 2 keyWidth + valueWidth]. Absent where there is none. */
  readonly recent?: Tensor;
}

/** activation(convolution(x W)) for queries, keys and values at once. No biases, as in the papers. */
export class HeadProjection {
  readonly convolution: ShortConvolution | undefined;
  private readonly options: HeadProjectionOptions;

  constructor(options: HeadProjectionOptions) {
    const { keyWidth, valueWidth, convolution: kernel } = options;
    this.options = options;
    this.convolution =
      kernel === 0 ? undefined : new ShortConvolution({ width: 2 * keyWidth + valueWidth, kernel });
  }

  init(random: Random): HeadProjectionParameters<TensorData> {
    const { width, keyWidth, valueWidth, weightInitializer = 'fan-in-uniform' } = this.options;
    const weight = (name: string, size: number): TensorData =>
      initialize(weightInitializer, [width, size], random.split(name));
    return {
      query: weight('query', keyWidth),
      key: weight('key', keyWidth),
      value: weight('value', valueWidth),
      ...(this.convolution && { convolution: this.convolution.init(random.split('convolution')) }),
    };
  }

  /**
   * @param x [batch, time, width]
   * @param recent state of the convolution; where there is one
   */
  apply(parameters: HeadProjectionParameters<Tensor>, x: Tensor, recent?: Tensor): Projected {
    const { query, key, value } = parameters;
    const projected = matmul(x, concat([query, key, value], 1));
    const mixed = this.mix(parameters, projected, recent);
    const { keyWidth, valueWidth, activation } = this.options;
    const active = activation === 'silu' ? silu(mixed.output) : mixed.output;
    const parts = split(active, [keyWidth, keyWidth, valueWidth]);
    const [ofQuery, ofKey, ofValue] = parts as readonly [Tensor, Tensor, Tensor];
    return { query: ofQuery, key: ofKey, value: ofValue, ...(mixed.recent && { recent: mixed.recent }) };
  }

  private mix(
    { convolution }: HeadProjectionParameters<Tensor>,
    projected: Tensor,
    recent: Tensor | undefined,
  ): { readonly output: Tensor; readonly recent?: Tensor } {
    const layer = this.convolution;
    if (layer === undefined || convolution === undefined || recent === undefined)
      return { output: projected };
    return withScope('convolution', () => layer.apply(convolution, projected, recent));
  }
}
