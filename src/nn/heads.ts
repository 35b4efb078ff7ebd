// Cuts vectors into attention heads and joins them again. Knows nothing of attention.
import type { Tensor } from '../engine/graph.js';
import { reshape, transpose } from '../engine/ops/layout.js';

/**
 * @param x [batch, time, width]
 * @returns [batch, heads, time, width / heads]
 */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch = 0, time = 0, width = 0] = x.shape;
  return transpose(reshape(x, [batch, time, heads, width / heads]), [0, 2, 1, 3]);
}

/**
 * @param x [batch, heads, time, headSize]
 * @returns [batch, time, heads * headSize]
 */
export function joinHeads(x: Tensor): Tensor {
  const [batch = 0, heads = 0, time = 0, headSize = 0] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, time, heads * headSize]);
}
