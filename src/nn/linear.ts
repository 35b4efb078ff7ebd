// The linear layer.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Initializer } from './initializers.js';
import type { Layer } from './layer.js';
import { add } from '../engine/ops/arithmetic.js';
import { matmul } from '../engine/ops/matmul.js';
import { initialize } from './initializers.js';
import { requireWidth } from './layer.js';

export interface LinearOptions {
  readonly inputSize: number;
  readonly outputSize: number;
  /** Default: true. */
  readonly bias?: boolean | undefined;
  /** Default: `fan-in-uniform`. */
  readonly weightInitializer?: Initializer;
  /** Default: `zeros`. */
  readonly biasInitializer?: Initializer;
}

export interface LinearParameters<T> {
  /** [inputSize, outputSize] */
  readonly weight: T;
  /** [outputSize] */
  readonly bias?: T;
}

/**
 * y = x W + b.
 *
 * @example
 * const layer = new Linear({ inputSize: 512, outputSize: 64 });
 * const parameters = layer.init(Random.fromSeed(1));
 */
export class Linear implements Layer<LinearParameters<TensorData>> {
  readonly inputSize: number;
  readonly outputSize: number;
  readonly bias: boolean;
  private readonly weightInitializer: Initializer;
  private readonly biasInitializer: Initializer;

  constructor(options: LinearOptions) {
    this.inputSize = options.inputSize;
    this.outputSize = options.outputSize;
    this.bias = options.bias ?? true;
    this.weightInitializer = options.weightInitializer ?? 'fan-in-uniform';
    this.biasInitializer = options.biasInitializer ?? 'zeros';
  }

  init(random: Random): LinearParameters<TensorData> {
    const { inputSize, outputSize } = this;
    const weight = initialize(this.weightInitializer, [inputSize, outputSize], random.split('weight'));
    if (!this.bias) return { weight };
    return { weight, bias: initialize(this.biasInitializer, [outputSize], random.split('bias'), inputSize) };
  }

  /**
   * @param x [..., inputSize], at least 2 axes
   * @returns [..., outputSize]
   */
  apply(parameters: LinearParameters<Tensor>, x: Tensor): Tensor {
    requireWidth(`Linear(${this.inputSize} -> ${this.outputSize})`, x, this.inputSize);
    const product = matmul(x, parameters.weight);
    return parameters.bias === undefined ? product : add(product, parameters.bias);
  }
}
