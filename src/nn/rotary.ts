// Rotary positions: queries and keys are turned by angles that grow with the position. Knows nothing of attention.
import type { Tensor } from '../engine/graph.js';
import type { TensorLike } from '../engine/ops/constant.js';
import { ConfigError } from '../core/errors.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { expandDims, reshape } from '../engine/ops/layout.js';
import { concat, split } from '../engine/ops/slicing.js';
import { anglesAt } from './angles.js';
import { requireAxes, requireWidth } from './layer.js';

/**
 * Which two elements of a head form a pair: `half-split` takes i and i + headSize / 2 (GPT-NeoX, Llama in the Hugging Face
 * layout), `interleaved` takes 2i and 2i + 1 (RoFormer).
 */
export type RotaryConvention = 'half-split' | 'interleaved';

export interface RotaryOptions {
  /** Elements of one head. Even. */
  readonly headSize: number;
  /** Default: 10000. */
  readonly base?: number;
  /** Default: `half-split`. */
  readonly convention?: RotaryConvention;
}

/**
 * Turns pair i at position p by the angle p / base^(2i / headSize), so that the product of a query and a key depends on
 * the distance between them. Has no parameters. Source: Su et al. 2021 (RoFormer), equation 34.
 */
export class Rotary {
  readonly headSize: number;
  readonly base: number;
  readonly convention: RotaryConvention;

  /** @throws {ConfigError} when the head size is odd */
  constructor(options: RotaryOptions) {
    if (options.headSize % 2 !== 0) {
      throw new ConfigError(
        `Rotary got head size ${options.headSize}: it must be even, as elements turn in pairs.`,
      );
    }
    this.headSize = options.headSize;
    this.base = options.base ?? 10000;
    this.convention = options.convention ?? 'half-split';
  }

  /**
   * @param x queries or keys [batch, heads, time, headSize]
   * @param start position of the first time step; a number, or an int32 scalar so that one compiled step serves all
   *   positions; or int32 [time], the position of each time step
   * @returns [batch, heads, time, headSize]
   */
  apply(x: Tensor, start: TensorLike = 0): Tensor {
    requireAxes(`Rotary(${this.headSize})`, x, ['batch', 'heads', 'time', 'headSize']);
    requireWidth(`Rotary(${this.headSize})`, x, this.headSize);
    const [rows, time, half] = [x.shape.slice(0, -1), x.shape[2] ?? 0, this.headSize / 2];
    const [axis, pairs] = this.convention === 'half-split' ? [-2, [2, half]] : [-1, [half, 2]];
    const angles = anglesAt(start, time, { width: this.headSize, base: this.base });
    const [sine, cosine] = [expandDims(angles.sine, axis), expandDims(angles.cosine, axis)];
    const [a, b] = split(reshape(x, [...rows, ...pairs]), [1, 1], axis) as readonly [Tensor, Tensor];
    const turned = [sub(mul(a, cosine), mul(b, sine)), add(mul(a, sine), mul(b, cosine))];
    return reshape(concat(turned, axis), x.shape);
  }
}
