// One vector for a sequence, from the vectors of its positions. Knows no encoder.
import type { Tensor } from '../../engine/graph.js';
import { div, maximum, square } from '../../engine/ops/arithmetic.js';
import { reshape } from '../../engine/ops/layout.js';
import { sum } from '../../engine/ops/reduce.js';
import { slice } from '../../engine/ops/slicing.js';
import { sqrt } from '../../engine/ops/unary.js';
import { meanOf } from '../../nn/pooling.js';

/** `mean` of the vectors at tokens, or the vector at the first token, which encoders call `cls`. */
export type Pooling = 'mean' | 'cls';

/**
 * @param hidden [batch, time, width]
 * @param mask bool [batch, time], true where there is a token
 * @returns [batch, width]
 * Source: Reimers and Gurevych 2019 (Sentence-BERT), section 3.
 */
export function pool(hidden: Tensor, mask: Tensor, pooling: Pooling): Tensor {
  const [batch = 0, , width = 0] = hidden.shape;
  if (pooling === 'cls') return reshape(slice(hidden, 1, 0, 1), [batch, width]);
  return meanOf(hidden, mask);
}

/** Keeps vectors of zeros from being divided by zero. */
const shortest = 1e-12;

/** The vectors [batch, width] scaled to length 1. */
export function normalize(x: Tensor): Tensor {
  return div(x, maximum(sqrt(sum(square(x), -1, { keepDims: true })), shortest));
}
