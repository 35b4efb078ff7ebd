// The values that fast weights start from, and how many bytes they are.
import type { Tree } from '../../core/tree.js';
import { sizeOf } from '../../core/shape.js';
import { TensorData, treeBytes } from '../../core/tensor-data.js';

/** A float32 tensor of zeros. */
export function zeros(...shape: readonly number[]): TensorData {
  return new TensorData('float32', shape, new Float32Array(sizeOf(shape)));
}

/** Bytes of a state: a tree with TensorData leaves. */
export function bytesOf(state: object): number {
  return treeBytes(state as Tree<TensorData>);
}
