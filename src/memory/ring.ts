// A ring of slots: the newest token overwrites the oldest, so that nothing has to be moved. Knows nothing of what the slots hold.
import type { Tensor } from '../engine/graph.js';
import type { TensorLike } from '../engine/ops/constant.js';
import { Tensor as TensorClass } from '../engine/graph.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { lessOrEqual } from '../engine/ops/comparison.js';
import { range } from '../engine/ops/constant.js';
import { dynamicSlice } from '../engine/ops/dynamic-slice.js';
import { concat } from '../engine/ops/slicing.js';
import { floor } from '../engine/ops/unary.js';
import { where } from '../engine/ops/where.js';

/** floor(x / divisor), for an int32 from -2^20 to 2^20. */
export function quotient(x: TensorLike, divisor: number): Tensor {
  const shifted = add(x instanceof TensorClass ? cast(x, 'float32') : x, 0.5); // keeps rounding away from whole numbers
  return cast(floor(mul(shifted, 1 / divisor)), 'int32');
}

/** x modulo `size`, for an int32 from -2^20 to 2^20. */
export function wrapped(x: Tensor, size: number): Tensor {
  return sub(x, mul(quotient(x, size), size));
}

/**
 * The slots of a ring from the oldest token to the newest.
 * @param ring any shape with `axis` over slots
 * @param cursor int32 scalar: the slot that the next token will overwrite
 */
export function inOrder(ring: Tensor, cursor: Tensor, axis: number): Tensor {
  return dynamicSlice(concat([ring, ring], axis), cursor, ring.shape[axis] ?? 0, axis);
}

/** The other way round: tokens from the oldest to the newest as slots of a ring whose cursor is `cursor`. */
export function asRing(ordered: Tensor, cursor: Tensor, axis: number): Tensor {
  const slots = ordered.shape[axis] ?? 0;
  return dynamicSlice(concat([ordered, ordered], axis), sub(slots, cursor), slots, axis);
}

/** How many tokens ago each slot was written, seen from the token that will be written at `cursor`: int32 [slots], 1 to slots. */
export function agesOf(slots: number, cursor: TensorLike): Tensor {
  const ahead = sub(cursor, range(slots));
  return where(lessOrEqual(ahead, 0), add(ahead, slots), ahead);
}
