// Root mean square normalization with a learned scale.
import type { TensorData } from '../core/tensor-data.js';
import type { Random } from '../core/random.js';
import type { Tensor } from '../engine/graph.js';
import type { Layer } from './layer.js';
import { rmsNorm } from '../engine/ops/normalization.js';
import { initialize } from './initializers.js';
import { requireWidth } from './layer.js';

export interface RmsNormOptions {
  readonly width: number;
  /** Added to the mean square. Default: 1e-6. */
  readonly epsilon?: number;
}

export interface RmsNormParameters<T> {
  /** [width], at first 1 */
  readonly scale: T;
}

/** x / sqrt(mean(x^2) + epsilon) * scale, over the last axis. Source: Zhang and Sennrich 2019. */
export class RmsNorm implements Layer<RmsNormParameters<TensorData>> {
  readonly width: number;
  readonly epsilon: number;

  constructor(options: RmsNormOptions) {
    this.width = options.width;
    this.epsilon = options.epsilon ?? 1e-6;
  }

  init(random: Random): RmsNormParameters<TensorData> {
    return { scale: initialize('ones', [this.width], random) };
  }

  /**
   * @param x [..., width]
   * @returns [..., width]
   */
  apply(parameters: RmsNormParameters<Tensor>, x: Tensor): Tensor {
    requireWidth(`RmsNorm(${this.width})`, x, this.width);
    return rmsNorm(x, parameters.scale, this.epsilon);
  }
}
