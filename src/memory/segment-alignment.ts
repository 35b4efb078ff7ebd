// Puts tokens into segments of a fixed length that begin where the text begins, wherever a reading is cut. Knows nothing of attention.
import type { Tensor } from '../engine/graph.js';
import type { TensorLike } from '../engine/ops/constant.js';
import { add, sub } from '../engine/ops/arithmetic.js';
import { dynamicSlice } from '../engine/ops/dynamic-slice.js';
import { concat, pad } from '../engine/ops/slicing.js';
import { inOrder } from './ring.js';

/** Lengths in tokens. */
export interface SegmentLengths {
  readonly segment: number;
  /** Tokens before a segment that all of its tokens see. */
  readonly memory: number;
}

/** The last inputs, and where in its segment the next token stands. */
export interface SegmentState<T> {
  /** [batch, memory + segment, width]: a ring of inputs, zeros where nothing was written */
  readonly inputs: T;
  /** int32 scalar: slot of the ring that the next token overwrites */
  readonly cursor: T;
  /** int32 scalar: tokens of the current segment read so far, below `segment` */
  readonly filled: T;
  /** int32 scalar: tokens read so far, counted up to as many as can matter */
  readonly length: T;
}

/** The segments that a reading touches, with what stands before the first of them. */
export interface AlignedSegments {
  /** How many. */
  readonly count: number;
  /** [batch, memory + count * segment, width]: zeros before the text and after the reading */
  readonly sequence: Tensor;
  /** First time step of `sequence` that is a token of the text; may be negative. */
  readonly first: TensorLike;
  /** Tokens of the first segment that were read before. */
  readonly start: TensorLike;
}

/** @param x [batch, time, width]: what is read @param state default: nothing was read before */
export function alignSegments(
  x: Tensor,
  state: SegmentState<Tensor> | undefined,
  { segment, memory }: SegmentLengths,
): AlignedSegments {
  const time = x.shape[1] ?? 0;
  if (state === undefined) {
    const count = Math.ceil(time / segment);
    const sequence = pad(x, [[0, 0], [memory, count * segment - time], [0, 0]]); // prettier-ignore
    return { count, sequence, first: memory, start: 0 };
  }
  const { inputs, cursor, filled, length } = state;
  const count = Math.ceil((segment - 1 + time) / segment);
  const known = concat([inOrder(inputs, cursor, 1), x], 1);
  const padded = pad(known, [[0, 0], [0, count * segment - time], [0, 0]]); // prettier-ignore
  const sequence = dynamicSlice(padded, sub(segment, filled), memory + count * segment, 1);
  return { count, sequence, first: sub(add(filled, memory), length), start: filled };
}
