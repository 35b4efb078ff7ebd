// A short causal convolution over time, one filter a channel, with the last tokens as its state. Knows no memory.
import type { Random } from '../../core/random.js';
import type { Tensor } from '../../engine/graph.js';
import type { TensorData } from '../../core/tensor-data.js';
import { ConfigError } from '../../core/errors.js';
import { add, mul } from '../../engine/ops/arithmetic.js';
import { concat, select, slice } from '../../engine/ops/slicing.js';
import { initialize } from '../../nn/initializers.js';
import { zeros } from './zeros.js';

export interface ShortConvolutionOptions {
  /** Channels. */
  readonly width: number;
  /** Tokens of a filter: the current one and those before it. */
  readonly kernel: number;
}

export interface ShortConvolutionParameters<T> {
  /** [kernel, width]; the last row belongs to the current token */
  readonly weight: T;
}

/** y_t = sum_j w_j x_{t - kernel + 1 + j}, elementwise. Source: Poli et al. 2023 (Hyena), section 3.1. */
export class ShortConvolution {
  readonly width: number;
  readonly kernel: number;

  /** @throws {ConfigError} when the filter sees no token but the current one */
  constructor({ width, kernel }: ShortConvolutionOptions) {
    if (!Number.isInteger(kernel) || kernel < 2) {
      throw new ConfigError(
        `A short convolution got kernel ${kernel}: it must be a whole number of at least 2 tokens, or left out with 0.`,
      );
    }
    this.width = width;
    this.kernel = kernel;
  }

  /** Uniform in +-1/sqrt(kernel), as in PyTorch. */
  init(random: Random): ShortConvolutionParameters<TensorData> {
    return { weight: initialize('fan-in-uniform', [this.kernel, this.width], random) };
  }

  /** The tokens before the first: [batch, kernel - 1, width]. */
  initialState(batch: number): TensorData {
    return zeros(batch, this.kernel - 1, this.width);
  }

  /**
   * @param x [batch, time, width]
   * @param recent the tokens before: [batch, kernel - 1, width]
   * @returns output [batch, time, width]; the tokens that the next segment needs
   */
  apply(
    { weight }: ShortConvolutionParameters<Tensor>,
    x: Tensor,
    recent: Tensor,
  ): { readonly output: Tensor; readonly recent: Tensor } {
    const time = x.shape[1] ?? 0;
    const joined = concat([recent, x], 1);
    const terms = Array.from({ length: this.kernel }, (_, j) =>
      mul(slice(joined, 1, j, j + time), select(weight, 0, j)),
    );
    return { output: terms.reduce((a, b) => add(a, b)), recent: slice(joined, 1, time) };
  }
}
