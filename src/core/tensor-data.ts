// A tensor's contents on the host: what feeds a compiled graph, comes out of it, and lies in a checkpoint.
import type { DType, TypedArray } from './dtype.js';
import { bytesPerElement } from './dtype.js';
import type { Shape } from './shape.js';
import { sizeOf } from './shape.js';
import type { Tree } from './tree.js';
import { leavesOf } from './tree.js';

/** Row-major values with their shape. Treated as immutable once handed over. */
export class TensorData {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TypedArray;

  constructor(dtype: DType, shape: Shape, data: TypedArray) {
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }

  get bytes(): number {
    return sizeOf(this.shape) * bytesPerElement(this.dtype);
  }
}

/** Bytes of all tensors in a tree. */
export function treeBytes(tree: Tree<TensorData>): number {
  return leavesOf<TensorData>(tree).reduce((sum, tensor) => sum + tensor.bytes, 0);
}
