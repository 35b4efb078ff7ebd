// Positions that are added to embeddings: sinusoidal and learned. Rotary positions, which turn queries and keys, are in rotary.ts.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { TensorLike } from '../engine/ops/constant.js';
import type { Initializer } from './initializers.js';
import type { Layer } from './layer.js';
import { ConfigError } from '../core/errors.js';
import { Tensor as TensorClass } from '../engine/graph.js';
import { add } from '../engine/ops/arithmetic.js';
import { range } from '../engine/ops/constant.js';
import { gather } from '../engine/ops/indexing.js';
import { reshape } from '../engine/ops/layout.js';
import { slice, stack } from '../engine/ops/slicing.js';
import { anglesAt } from './angles.js';
import { initialize } from './initializers.js';
import { badInput, requireAxes, requireWidth } from './layer.js';

export interface SinusoidalPositionsOptions {
  /** Even. */
  readonly width: number;
  /** Default: 10000. */
  readonly base?: number;
}

const axes = ['batch', 'time', 'width'];

/** Time steps of an input [batch, time, width]. @throws {ShapeError} when it is not one */
function timeOf(layer: string, x: Tensor, width: number): number {
  requireAxes(layer, x, axes);
  requireWidth(layer, x, width);
  return x.shape[1] ?? 0;
}

/**
 * Adds sin(p / base^(2i / width)) to element 2i and the cosine of the same to element 2i + 1. Has no parameters to learn.
 * Source: Vaswani et al. 2017, section 3.5.
 */
export class SinusoidalPositions implements Layer<Readonly<Record<string, never>>> {
  readonly width: number;
  readonly base: number;

  /** @throws {ConfigError} when the width is odd */
  constructor(options: SinusoidalPositionsOptions) {
    if (options.width % 2 !== 0) {
      throw new ConfigError(`SinusoidalPositions got width ${options.width}: it must be even.`);
    }
    this.width = options.width;
    this.base = options.base ?? 10000;
  }

  init(): Readonly<Record<string, never>> {
    return {};
  }

  /**
   * @param x [batch, time, width]
   * @param start position of the first time step; a number, or an int32 scalar
   */
  apply(_: Readonly<Record<string, never>>, x: Tensor, start: TensorLike = 0): Tensor {
    const time = timeOf(`SinusoidalPositions(${this.width})`, x, this.width);
    const { sine, cosine } = anglesAt(start, time, this);
    return add(x, reshape(stack([sine, cosine], 2), [time, this.width]));
  }
}

export interface LearnedPositionsOptions {
  /** How many positions are learned: the longest sequence. */
  readonly maxLength: number;
  readonly width: number;
  /** Default: normal with standard deviation 0.02. */
  readonly initializer?: Initializer;
}

export interface LearnedPositionsParameters<T> {
  /** [maxLength, width] */
  readonly weight: T;
}

/** Adds a learned vector for each position. */
export class LearnedPositions implements Layer<LearnedPositionsParameters<TensorData>> {
  readonly maxLength: number;
  readonly width: number;
  private readonly initializer: Initializer;

  constructor(options: LearnedPositionsOptions) {
    this.maxLength = options.maxLength;
    this.width = options.width;
    this.initializer = options.initializer ?? { normal: 0.02 };
  }

  init(random: Random): LearnedPositionsParameters<TensorData> {
    return { weight: initialize(this.initializer, [this.maxLength, this.width], random.split('weight')) };
  }

  /**
   * @param x [batch, time, width]
   * @param start position of the first time step; a number, or an int32 scalar whose range whoever feeds it checks
   * @throws {ShapeError} when the sequence ends beyond the last learned position
   */
  apply(parameters: LearnedPositionsParameters<Tensor>, x: Tensor, start: TensorLike = 0): Tensor {
    const name = `LearnedPositions(${this.maxLength} x ${this.width})`;
    const time = timeOf(name, x, this.width);
    const end = start instanceof TensorClass ? time : start + time;
    if (end > this.maxLength) {
      const given = `it would end at position ${end}, and only ${this.maxLength} are learned`;
      throw badInput(name, x, `${given}; shorten the sequence or raise maxLength`);
    }
    return add(x, rowsFrom(parameters.weight, start, time));
  }
}

/** `count` rows of a table from row `start` on. */
function rowsFrom(table: Tensor, start: TensorLike, count: number): Tensor {
  if (start instanceof TensorClass) return gather(table, add(range(count), start));
  return slice(table, 0, start, start + count);
}
