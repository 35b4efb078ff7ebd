// What heads read from their memories becomes the output of a layer: norm, gate, projection. Knows no memory.
import type { Random } from '../../core/random.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tensor } from '../../engine/graph.js';
import type { Initializer } from '../../nn/initializers.js';
import type { LinearParameters } from '../../nn/linear.js';
import type { RmsNormParameters } from '../../nn/rms-norm.js';
import { withScope } from '../../engine/graph.js';
import { mul } from '../../engine/ops/arithmetic.js';
import { silu } from '../../engine/ops/gelu.js';
import { reshape } from '../../engine/ops/layout.js';
import { Linear } from '../../nn/linear.js';
import { RmsNorm } from '../../nn/rms-norm.js';

export interface HeadOutputOptions {
  readonly width: number;
  readonly heads: number;
  /** Whether what a head read is normalized. */
  readonly norm: boolean;
  /** Whether silu(x W) of the input multiplies what was read. */
  readonly gated: boolean;
  /** Of the output projection. Default: true. */
  readonly bias?: boolean | undefined;
  readonly weightInitializer?: Initializer | undefined;
  readonly outputInitializer?: Initializer | undefined;
}

export interface HeadOutputParameters<T> {
  /** Shared by all heads. */
  readonly norm?: RmsNormParameters<T>;
  readonly gate?: LinearParameters<T>;
  readonly output: LinearParameters<T>;
}

/** Of the norm, as in RetNet: a token that reads next to nothing is not blown up. */
const epsilon = 1e-5;

/** (rmsNorm(read) * silu(x Wg)) Wo, the norm over each head. Source: Sun et al. 2023 (RetNet), section 2.3. */
export class HeadOutput {
  private readonly norm: RmsNorm | undefined;
  private readonly gate: Linear | undefined;
  private readonly output: Linear;

  constructor({ width, heads, norm, gated, bias, ...options }: HeadOutputOptions) {
    const { weightInitializer, outputInitializer = weightInitializer } = options;
    const linear = { inputSize: width, outputSize: width };
    this.norm = norm ? new RmsNorm({ width: width / heads, epsilon }) : undefined;
    this.gate = gated ? new Linear({ ...linear, bias: false, weightInitializer }) : undefined;
    this.output = new Linear({ ...linear, bias, weightInitializer: outputInitializer });
  }

  init(random: Random): HeadOutputParameters<TensorData> {
    return {
      ...(this.norm && { norm: this.norm.init(random.split('norm')) }),
      ...(this.gate && { gate: this.gate.init(random.split('gate')) }),
      output: this.output.init(random.split('output')),
    };
  }

  /**
   * @param read [batch, time, heads, width / heads]
   * @param x the layer's input [batch, time, width]
   * @returns [batch, time, width]
   */
  apply(parameters: HeadOutputParameters<Tensor>, read: Tensor, x: Tensor): Tensor {
    const joined = reshape(this.normalize(parameters, read), x.shape);
    const opened = this.open(parameters, joined, x);
    return withScope('output', () => this.output.apply(parameters.output, opened));
  }

  private normalize({ norm }: HeadOutputParameters<Tensor>, read: Tensor): Tensor {
    const layer = this.norm;
    return layer && norm ? withScope('norm', () => layer.apply(norm, read)) : read;
  }

  private open({ gate }: HeadOutputParameters<Tensor>, read: Tensor, x: Tensor): Tensor {
    const layer = this.gate;
    return layer && gate ? mul(read, silu(withScope('gate', () => layer.apply(gate, x)))) : read;
  }
}
