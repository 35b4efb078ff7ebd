// How much each channel of a key keeps of the memory at a token, learned from the token. Knows no memory.
import type { Random } from '../../core/random.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tensor } from '../../engine/graph.js';
import type { LinearParameters } from '../../nn/linear.js';
import { maximum, mul } from '../../engine/ops/arithmetic.js';
import { neg, softplus } from '../../engine/ops/unary.js';
import { Linear } from '../../nn/linear.js';

export interface ChannelDecayGateOptions {
  readonly width: number;
  /** Channels of the keys of all heads. */
  readonly keyWidth: number;
}

export interface ChannelDecayGateParameters<T> {
  /** [width, 16] */
  readonly down: LinearParameters<T>;
  /** [16, keyWidth] and [keyWidth] */
  readonly up: LinearParameters<T>;
}

/** Size between the two weights, and the temperature of the gate, as in the paper. */
const rank = 16;
const temperature = 16;

/** The least logarithm of a decay: less than 1 % is left of what was there, and products over a chunk stay in range. */
export const leastLogDecay = -5;

/**
 * alpha = sigmoid(x W1 W2 + b)^(1/16), not below e^-5.
 * Source: Yang et al. 2023, "Gated linear attention transformers", section 4.4; the bound is ours.
 */
export class ChannelDecayGate {
  private readonly down: Linear;
  private readonly up: Linear;

  constructor({ width, keyWidth }: ChannelDecayGateOptions) {
    this.down = new Linear({ inputSize: width, outputSize: rank, bias: false });
    this.up = new Linear({ inputSize: rank, outputSize: keyWidth });
  }

  init(random: Random): ChannelDecayGateParameters<TensorData> {
    return { down: this.down.init(random.split('down')), up: this.up.init(random.split('up')) };
  }

  /**
   * @param x [batch, time, width]
   * @returns log(alpha) [batch, time, keyWidth], from -5 to 0
   */
  apply({ down, up }: ChannelDecayGateParameters<Tensor>, x: Tensor): Tensor {
    const logit = this.up.apply(up, this.down.apply(down, x));
    return maximum(mul(softplus(neg(logit)), -1 / temperature), leastLogDecay);
  }
}
