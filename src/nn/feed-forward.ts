// The feed-forward half of a Transformer block: plain, and gated (SwiGLU).
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Initializer } from './initializers.js';
import type { Layer } from './layer.js';
import type { LinearParameters } from './linear.js';
import { withScope } from '../engine/graph.js';
import { mul } from '../engine/ops/arithmetic.js';
import { gelu, geluTanh, silu } from '../engine/ops/gelu.js';
import { relu } from '../engine/ops/unary.js';
import { Linear } from './linear.js';

export const activations = { gelu, 'gelu-tanh': geluTanh, relu, silu } as const;

/** `gelu` is exact, by the error function; `gelu-tanh` is the approximation that GPT-2 uses. */
export type Activation = keyof typeof activations;

export interface FeedForwardOptions {
  readonly width: number;
  readonly hiddenSize: number;
  /** Default: `gelu`. */
  readonly activation?: Activation;
  /** Default: true. */
  readonly bias?: boolean;
  /** Of the weights into the hidden layer. Default: that of `Linear`. */
  readonly weightInitializer?: Initializer;
  /** Of the weights out of it; models scale these down with their depth. Default: `weightInitializer`. */
  readonly outputInitializer?: Initializer;
}

export interface FeedForwardParameters<T> {
  /** width -> hiddenSize */
  readonly up: LinearParameters<T>;
  /** hiddenSize -> width */
  readonly down: LinearParameters<T>;
}

/** down(activation(up(x))), each position by itself. Source: Vaswani et al. 2017, section 3.3. */
export class FeedForward implements Layer<FeedForwardParameters<TensorData>> {
  readonly activation: Activation;
  private readonly up: Linear;
  private readonly down: Linear;

  constructor({ width, hiddenSize, activation = 'gelu', bias, ...options }: FeedForwardOptions) {
    const { weightInitializer, outputInitializer = weightInitializer } = options;
    this.activation = activation;
    this.up = new Linear({ inputSize: width, outputSize: hiddenSize, bias, weightInitializer });
    this.down = new Linear({
      inputSize: hiddenSize,
      outputSize: width,
      bias,
      weightInitializer: outputInitializer,
    });
  }

  init(random: Random): FeedForwardParameters<TensorData> {
    return { up: this.up.init(random.split('up')), down: this.down.init(random.split('down')) };
  }

  /**
   * @param x [..., width]
   * @returns [..., width]
   */
  apply(parameters: FeedForwardParameters<Tensor>, x: Tensor): Tensor {
    const hidden = withScope('up', () => this.up.apply(parameters.up, x)); // [..., hiddenSize]
    return withScope('down', () => this.down.apply(parameters.down, activations[this.activation](hidden)));
  }
}

export type SwiGluOptions = Omit<FeedForwardOptions, 'activation'>;

export interface SwiGluParameters<T> extends FeedForwardParameters<T> {
  /** width -> hiddenSize */
  readonly gate: LinearParameters<T>;
}

/**
 * down(silu(gate(x)) * up(x)), without biases unless asked for. A hidden size of 8/3 of the width has as many parameters
 * as a plain one of 4 times the width. Source: Shazeer 2020 (GLU Variants Improve Transformer), equation 6.
 */
export class SwiGlu implements Layer<SwiGluParameters<TensorData>> {
  private readonly gate: Linear;
  private readonly up: Linear;
  private readonly down: Linear;

  constructor({ width, hiddenSize, bias = false, ...options }: SwiGluOptions) {
    const { weightInitializer, outputInitializer = weightInitializer } = options;
    const into = { inputSize: width, outputSize: hiddenSize, bias, weightInitializer };
    this.gate = new Linear(into);
    this.up = new Linear(into);
    this.down = new Linear({
      inputSize: hiddenSize,
      outputSize: width,
      bias,
      weightInitializer: outputInitializer,
    });
  }

  init(random: Random): SwiGluParameters<TensorData> {
    return {
      gate: this.gate.init(random.split('gate')),
      up: this.up.init(random.split('up')),
      down: this.down.init(random.split('down')),
    };
  }

  /**
   * @param x [..., width]
   * @returns [..., width]
   */
  apply(parameters: SwiGluParameters<Tensor>, x: Tensor): Tensor {
    const gate = silu(withScope('gate', () => this.gate.apply(parameters.gate, x))); // [..., hiddenSize]
    const up = withScope('up', () => this.up.apply(parameters.up, x)); // [..., hiddenSize]
    return withScope('down', () => this.down.apply(parameters.down, mul(gate, up)));
  }
}
