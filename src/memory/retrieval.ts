// Exact search among keys that have no gradient, and attention to what was found. Knows nothing of where the keys are kept.
import type { Tensor } from '../engine/graph.js';
import { add, mul } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { greater } from '../engine/ops/comparison.js';
import { range } from '../engine/ops/constant.js';
import { stopGradient } from '../engine/ops/identity.js';
import { gather } from '../engine/ops/indexing.js';
import { expandDims, reshape } from '../engine/ops/layout.js';
import { matmul } from '../engine/ops/matmul.js';
import { max } from '../engine/ops/reduce.js';
import { topK } from '../engine/ops/top-k.js';
import { where } from '../engine/ops/where.js';
import { attend } from '../nn/attend.js';
import { hiddenScore, maskBias } from '../nn/mask.js';

export interface Retrieved {
  /** [batch, heads, queries, headSize]; zeros for a query that found nothing */
  readonly output: Tensor;
  /** float32 [batch, heads, queries, 1]: 1 where something was found, else 0 */
  readonly found: Tensor;
  /** int32 [batch, heads, queries, count]: places among the keys, best first */
  readonly places: Tensor;
  /** bool [batch, heads, queries, count]: whether a place holds anything */
  readonly isThere: Tensor;
  /** [batch, heads, queries, count]: inner products of the query and the keys found */
  readonly scores: Tensor;
  /** [batch, heads, queries, count]: softmax of the scores */
  readonly probabilities: Tensor;
}

/**
 * softmax over the `count` keys with the largest inner products with a query, applied to their values. The gradient flows
 * into queries only. Source: Wu et al. 2022 (Memorizing Transformers), section 3.2.
 * @param query [batch, heads, queries, headSize]
 * @param key [batch, heads, keys, headSize]
 * @param value [batch, heads, keys, headSize]
 * @param isSeen bool, broadcasts to [batch, heads, queries, keys]
 * @param count at most as many as there are keys
 */
export function retrieve(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  isSeen: Tensor,
  count: number,
): Retrieved {
  const products = matmul(stopGradient(query), stopGradient(key), { transposeB: true });
  const { values: scores, indices: places } = topK(where(isSeen, products, hiddenScore), count);
  const isThere = greater(scores, hiddenScore / 2);
  const one = {
    query: expandDims(query, 3), // [batch, heads, queries, 1, headSize]
    key: rowsAt(stopGradient(key), places),
    value: rowsAt(stopGradient(value), places),
    bias: expandDims(maskBias(isThere), 3),
  };
  const { output, probabilities } = attend([one], 1);
  const found = max(cast(isThere, 'float32'), 3, { keepDims: true });
  return {
    output: mul(reshape(output, query.shape), found),
    found,
    places,
    isThere,
    scores,
    probabilities: reshape(probabilities[0] ?? scores, scores.shape),
  };
}

/** Rows of x [batch, heads, rows, size] at indices [batch, heads, queries, count]: [batch, heads, queries, count, size]. */
function rowsAt(x: Tensor, indices: Tensor): Tensor {
  const [batch = 1, heads = 1, rows = 1, size = 1] = x.shape;
  const starts = reshape(mul(range(batch * heads), rows), [batch, heads, 1, 1]);
  return gather(reshape(x, [batch * heads * rows, size]), add(indices, starts));
}
