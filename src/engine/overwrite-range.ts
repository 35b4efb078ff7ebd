// Overwrites consecutive indices of one axis of a tensor in place. What the op updateSlice does, for whoever owns the memory.
import type { TypedArray } from '../core/dtype.js';
import type { Shape } from '../core/shape.js';
import { sizeOf } from '../core/shape.js';

/** Values with their shape, as any runtime holds them. */
interface Values {
  readonly data: TypedArray;
  readonly shape: Shape;
}

/** The start that keeps a range of `size` inside an axis of `dim`. */
export function boundedStart(start: number, dim: number, size: number): number {
  return Math.min(Math.max(start, 0), dim - size);
}

/**
 * Writes `range` into `target`, which has the same dtype and, but for `axis`, the same shape.
 * @param start first index of the axis; moved into the axis where the range would leave it
 */
export function overwriteRange(target: Values, range: Values, axis: number, start: number): void {
  const dim = target.shape[axis] ?? 0;
  const size = range.shape[axis] ?? 0;
  const inner = sizeOf(target.shape.slice(axis + 1));
  const first = boundedStart(start, dim, size) * inner;
  for (let outer = sizeOf(target.shape.slice(0, axis)) - 1; outer >= 0; outer--) {
    const part = range.data.subarray(outer * size * inner, (outer + 1) * size * inner);
    target.data.set(part, outer * dim * inner + first);
  }
}
