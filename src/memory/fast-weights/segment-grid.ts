// Lays tokens that begin somewhere within a segment onto a grid of whole segments, so that cuts of a sequence do not matter.
// Knows no memory.
import type { Tensor } from '../../engine/graph.js';
import { mul, add, sub } from '../../engine/ops/arithmetic.js';
import { cast } from '../../engine/ops/cast.js';
import { lessOrEqual } from '../../engine/ops/comparison.js';
import { full, range } from '../../engine/ops/constant.js';
import { dynamicSlice, updateSlice } from '../../engine/ops/dynamic-slice.js';
import { broadcastTo, reshape } from '../../engine/ops/layout.js';
import { sum } from '../../engine/ops/reduce.js';
import { pad, slice } from '../../engine/ops/slicing.js';

/** Whole segments that hold the tokens of a reading. */
export interface SegmentGrid {
  /** Tokens of a segment. */
  readonly segment: number;
  /** Tokens that the grid has room for. */
  readonly length: number;
  /** Whether a segment is full once the tokens are read: bool [segments, 1, 1, 1] */
  readonly complete: Tensor;
  /** Tokens in the last segment afterwards, less than a segment: int32 scalar */
  readonly filled: Tensor;
  /** [batch, time, ...] to [batch, length, ...]: behind what the first segment held before, zeros elsewhere. */
  place(x: Tensor, before?: Tensor): Tensor;
  /** [batch, length, ...] to [batch, time, ...]: the places of the tokens. */
  take(y: Tensor): Tensor;
  /** [batch, length, ...] to [batch, segment, ...]: the segment that is not full yet, zeros if there is none. */
  last(y: Tensor): Tensor;
}

function padTime(x: Tensor, after: number): Tensor {
  return pad(
    x,
    x.shape.map((_, axis) => [0, axis === 1 ? after : 0]),
  );
}

/**
 * @param segment tokens of a segment
 * @param time tokens to be read
 * @param filled tokens that the first segment holds already, less than a segment: int32 scalar; absent: none
 */
export function segmentGrid(segment: number, time: number, filled?: Tensor): SegmentGrid {
  const segments = Math.ceil((time + (filled ? segment - 1 : 0)) / segment);
  const length = segments * segment;
  const total = add(filled ?? full(0, 'int32'), time);
  const ends = mul(add(range(segments), 1), segment);
  const complete = lessOrEqual(ends, total);
  const read = mul(sum(cast(complete, 'int32')), segment); // Tokens in full segments.
  return {
    segment,
    length,
    complete: reshape(complete, [segments, 1, 1, 1]),
    filled: sub(total, read),
    place(x, before) {
      if (filled === undefined) return padTime(x, length - time);
      const [batch = 0, , ...rest] = x.shape;
      const held = before
        ? padTime(before, length - segment)
        : broadcastTo(full(0), [batch, length, ...rest]);
      return updateSlice(held, x, filled, 1);
    },
    take: (y) => (filled ? dynamicSlice(y, filled, time, 1) : slice(y, 1, 0, time)),
    last: (y) => dynamicSlice(padTime(y, segment), read, segment, 1),
  };
}
