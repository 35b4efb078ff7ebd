// Layer normalization with learned scale and bias.
import type { TensorData } from '../core/tensor-data.js';
import type { Random } from '../core/random.js';
import type { Tensor } from '../engine/graph.js';
import type { Layer } from './layer.js';
import { layerNorm } from '../engine/ops/normalization.js';
import { initialize } from './initializers.js';
import { requireWidth } from './layer.js';

export interface LayerNormOptions {
  readonly width: number;
  /** Added to the variance. Default: 1e-5. */
  readonly epsilon?: number;
}

export interface LayerNormParameters<T> {
  /** [width], at first 1 */
  readonly scale: T;
  /** [width], at first 0 */
  readonly bias: T;
}

/** (x - mean) / sqrt(variance + epsilon) * scale + bias, over the last axis. Source: Ba et al. 2016. */
export class LayerNorm implements Layer<LayerNormParameters<TensorData>> {
  readonly width: number;
  readonly epsilon: number;

  constructor(options: LayerNormOptions) {
    this.width = options.width;
    this.epsilon = options.epsilon ?? 1e-5;
  }

  init(random: Random): LayerNormParameters<TensorData> {
    return {
      scale: initialize('ones', [this.width], random),
      bias: initialize('zeros', [this.width], random),
    };
  }

  /**
   * @param x [..., width]
   * @returns [..., width]
   */
  apply(parameters: LayerNormParameters<Tensor>, x: Tensor): Tensor {
    requireWidth(`LayerNorm(${this.width})`, x, this.width);
    return layerNorm(x, parameters.scale, parameters.bias, this.epsilon);
  }
}
