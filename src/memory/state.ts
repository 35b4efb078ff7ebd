// Values that states of memories begin with. Knows no memory.
import { sizeOf } from '../core/shape.js';
import { TensorData } from '../core/tensor-data.js';

/** Zeros, float32. */
export function zeros(...shape: readonly number[]): TensorData {
  return new TensorData('float32', shape, new Float32Array(sizeOf(shape)));
}

/** An int32 scalar. */
export function integerScalar(value: number): TensorData {
  return new TensorData('int32', [], Int32Array.of(value));
}
