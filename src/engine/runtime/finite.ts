// Whether a tensor is free of NaN and infinity.
import type { TensorData } from '../../core/tensor-data.js';
import { isFloat } from '../../core/dtype.js';

/** True when every element is finite. Integers always are. */
export function isFiniteTensor(tensor: TensorData): boolean {
  return !isFloat(tensor.dtype) || tensor.data.every((value: number) => Number.isFinite(value));
}
