// Small tensors for tests: from nested lists, and random ones that are the same in every run. Knows nothing of graphs.
import type { DType } from '../core/dtype.js';
import { allocate, isFloat, typedArrayOf } from '../core/dtype.js';
import { Random } from '../core/random.js';
import type { Shape } from '../core/shape.js';
import { sizeOf } from '../core/shape.js';
import { TensorData } from '../core/tensor-data.js';

/** Numbers in nested lists, all lists of one depth equally long. */
export type Nested = number | readonly Nested[];

function shapeOf(values: Nested): Shape {
  return typeof values === 'number' ? [] : [values.length, ...shapeOf(values[0] ?? 0)];
}

function flatten(values: Nested): number[] {
  return typeof values === 'number' ? [values] : values.flatMap(flatten);
}

/**
 * A tensor with the given values; its shape is that of the lists.
 *
 * @example
 * tensorOf([[1, 2, 3], [4, 5, 6]]).shape; // [2, 3]
 */
export function tensorOf(values: Nested, dtype: DType = 'float32'): TensorData {
  return new TensorData(dtype, shapeOf(values), typedArrayOf(dtype, flatten(values)));
}

export interface RandomTensorOptions {
  readonly seed?: number;
  /** Default: `float32`. */
  readonly dtype?: DType;
  /** Smallest value; default: -1, for integers 0. */
  readonly low?: number;
  /** Values stay below it; default: 1, for integers 10. */
  readonly high?: number;
}

/** A tensor of uniform random values, the same for the same seed. Integers are whole numbers. */
export function randomTensor(shape: Shape, options: RandomTensorOptions = {}): TensorData {
  const { seed = 1, dtype = 'float32' } = options;
  const { low = isFloat(dtype) ? -1 : 0, high = isFloat(dtype) ? 1 : dtype === 'bool' ? 2 : 10 } = options;
  const random = Random.fromSeed(seed);
  const data = allocate(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    const value = low + random.uniform() * (high - low);
    data[i] = isFloat(dtype) ? value : Math.floor(value);
  }
  return new TensorData(dtype, shape, data);
}
