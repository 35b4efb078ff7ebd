// Which positions of padded sequences hold a token. Knows nothing of what the tokens are.
import type { Tensor } from '../engine/graph.js';
import { less } from '../engine/ops/comparison.js';
import { range } from '../engine/ops/constant.js';
import { expandDims } from '../engine/ops/layout.js';

/**
 * @param lengths int32 [batch]: tokens of each sequence, from its beginning
 * @returns bool [batch, time], true where there is a token
 */
export function lengthMask(lengths: Tensor, time: number): Tensor {
  return less(range(time), expandDims(lengths, 1));
}
