// What may be looked at: positions that hold a token, and scores for those that do not. Knows nothing of what the tokens are.
import type { Tensor } from '../engine/graph.js';
import { less } from '../engine/ops/comparison.js';
import { range } from '../engine/ops/constant.js';
import { expandDims } from '../engine/ops/layout.js';
import { where } from '../engine/ops/where.js';

/** Score of what must not be seen. Finite, so that a row that sees nothing stays finite too. */
export const hiddenScore = -1e9;

/**
 * What is added to the scores of a softmax.
 * @param mask bool, true where something may be seen
 * @returns float32 of the same shape: 0 there, `hiddenScore` elsewhere
 */
export function maskBias(mask: Tensor): Tensor {
  return where(mask, 0, hiddenScore);
}

/**
 * @param lengths int32 [batch]: tokens of each sequence, from its beginning
 * @returns bool [batch, time], true where there is a token
 */
export function lengthMask(lengths: Tensor, time: number): Tensor {
  return less(range(time), expandDims(lengths, 1));
}
