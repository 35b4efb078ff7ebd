// Overlapping windows over time, as copies of whole strides. Knows nothing of attention.
import type { Tensor } from '../engine/graph.js';
import { reshape } from '../engine/ops/layout.js';
import { concat, pad, slice } from '../engine/ops/slicing.js';

export interface UnfoldOptions {
  /** Time steps of each window. */
  readonly width: number;
  /** Time steps from the start of one window to the start of the next. */
  readonly stride: number;
  /** How many windows. */
  readonly count: number;
}

/** Zeros behind the last time step, up to a given number of them. @param x [batch, heads, time, size] */
export function padTime(x: Tensor, time: number): Tensor {
  return pad(x, [[0, 0], [0, 0], [0, time - (x.shape[2] ?? 0)], [0, 0]]); // prettier-ignore
}

/**
 * Window i begins at time step i * stride; what reaches beyond the end is zero.
 * @param x [batch, heads, time, size]
 * @returns [batch, heads, count, width, size]
 */
export function unfold(x: Tensor, { width, stride, count }: UnfoldOptions): Tensor {
  const [batch = 1, heads = 1, time = 0, size = 1] = x.shape;
  const pieces = Math.max(count - 1 + Math.ceil(width / stride), Math.ceil(time / stride));
  const cut = reshape(padTime(x, pieces * stride), [batch, heads, pieces, stride, size]);
  const parts = Array.from({ length: Math.ceil(width / stride) }, (_, i) => {
    const part = slice(cut, 2, i, i + count);
    return slice(part, 3, 0, Math.min(stride, width - i * stride));
  });
  return concat(parts, 3);
}

/**
 * What belongs to the time steps of windows, in its places among all time steps and zero elsewhere: a map to look at.
 * @param x [batch, heads, count, rows, width], window i beginning at time step i * stride
 * @returns [batch, heads, count, rows, (count - 1) * stride + width]
 */
export function spreadWindows(x: Tensor, stride: number): Tensor {
  const count = x.shape[2] ?? 0;
  const placed = Array.from({ length: count }, (_, i) => {
    const beside = [i * stride, (count - 1 - i) * stride];
    return pad(slice(x, 2, i, i + 1), [[0, 0], [0, 0], [0, 0], [0, 0], beside]); // prettier-ignore
  });
  return concat(placed, 2);
}
