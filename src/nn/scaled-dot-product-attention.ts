// Scaled dot-product attention over heads, with a gradient that keeps only the probabilities. Knows nothing of projections or caches.
import type { Tensor } from '../engine/graph.js';
import { customGradient } from '../engine/custom-gradient.js';
import { isObserved, observe } from '../engine/observe.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { lessOrEqual } from '../engine/ops/comparison.js';
import { full, range } from '../engine/ops/constant.js';
import { expandDims, reshape } from '../engine/ops/layout.js';
import { concat, slice, split } from '../engine/ops/slicing.js';
import { matmul } from '../engine/ops/matmul.js';
import { sum } from '../engine/ops/reduce.js';
import { softmax } from '../engine/ops/softmax.js';
import { where } from '../engine/ops/where.js';

/** Queries of one block look only at keys up to their own end, so that causal attention computes little more than half a square. */
const causalBlock = 128;

/** Added to scores of positions that must not be seen. */
const hidden = -Infinity;

/**
 * softmax(scale q k^T + bias): [batch, heads, queries, keys].
 * @param q [batch, heads, queries, headSize]
 * @param k [batch, heads, keys, headSize]
 * @param bias broadcasts to the result
 */
export function attentionProbabilities(
  q: Tensor,
  k: Tensor,
  bias?: Tensor,
  scale = 1 / Math.sqrt(q.shape[3] ?? 1),
): Tensor {
  const scores = matmul(q, k, { transposeB: true, scale });
  return softmax(bias === undefined ? scores : add(scores, bias));
}

/**
 * softmax(scale q k^T + bias) v for tensors [batch, heads, ...]; the bias gets no gradient.
 *
 * With P the probabilities and o the output: dS = P (dP - sum(do o)), where sum(do o) equals sum(dP P) and is taken over
 * the smaller tensor. Source of the identity: Dao et al. 2022 (FlashAttention), appendix B.2.
 */
function attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | undefined, scale: number): Tensor {
  const probabilities = attentionProbabilities(q, k, bias, scale);
  observe('probabilities', probabilities);
  const weighted = customGradient(
    (_q: Tensor, _k: Tensor, values: Tensor) => matmul(probabilities, values),
    (g, [queries, keys, values], output) => {
      const shift = sum(mul(g, output), -1, { keepDims: true }); // [batch, heads, queries, 1]
      const ofScores = mul(probabilities, sub(matmul(g, values, { transposeB: true }), shift));
      return [
        matmul(ofScores, keys, { scale }),
        matmul(ofScores, queries, { transposeA: true, scale }),
        matmul(probabilities, g, { transposeA: true }),
      ];
    },
  );
  return weighted(q, k, v);
}

/** 0 where query i of a block starting at `start` may see key j <= start + i, else minus infinity: [queries, keys]. */
function causalBias(queries: number, keys: number, start: number): Tensor {
  const rows = expandDims(add(range(queries), full(start, 'int32')), 1);
  return where(lessOrEqual(range(keys), rows), 0, hidden);
}

export interface AttentionOptions {
  /** Each query sees keys up to its own position. Queries and keys start at the same position. */
  readonly causal?: boolean;
  /** Added to the scores: broadcasts to [batch, heads, queries, keys]. Gets no gradient. */
  readonly bias?: Tensor;
  /** Default: 1 / sqrt(headSize). */
  readonly scale?: number;
}

/**
 * softmax(q k^T / sqrt(headSize)) v. Fewer key than query heads are shared among groups of query heads.
 * @param q [batch, heads, queries, headSize]
 * @param k [batch, keyValueHeads, keys, headSize]; heads is a multiple of keyValueHeads
 * @param v [batch, keyValueHeads, keys, headSize]
 * @returns [batch, heads, queries, headSize]
 * Sources: Vaswani et al. 2017, equation 1; Ainslie et al. 2023 for grouped queries.
 */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions = {},
): Tensor {
  const [, heads = 1, queries = 1, headSize = 1] = q.shape;
  const [, groups = 1] = k.shape;
  const { scale = 1 / Math.sqrt(headSize), bias, causal = false } = options;
  if (groups !== heads) return attendInGroups(q, k, v, options);
  if (!causal) return attend(q, k, v, bias, scale);
  const block = isObserved() ? queries : causalBlock; // One picture of the whole, instead of many of parts.
  const starts = Array.from({ length: Math.ceil(queries / block) }, (_, i) => i * block);
  const endOf = (start: number): number => Math.min(start + block, queries);
  const rows = split(
    q,
    starts.map((start) => endOf(start) - start),
    2,
  );
  const blocks = rows.map((row, i) => {
    const [start, end] = [i * block, endOf(i * block)];
    const seen = causalBias(end - start, end, start);
    const extra = bias === undefined ? seen : add(seen, slice(slice(bias, -1, 0, end), -2, start, end));
    return attend(row, slice(k, 2, 0, end), slice(v, 2, 0, end), extra, scale);
  });
  return concat(blocks, 2);
}

/** Query heads that share a key head become further rows of queries; only a bias equal for all heads fits that. */
function attendInGroups(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  const [batch = 1, heads = 1, queries = 1, headSize = 1] = q.shape;
  const groups = k.shape[1] ?? 1;
  const perGroup = heads / groups;
  const split = (group: number): Tensor => {
    const part = slice(reshape(q, [batch, groups, perGroup, queries, headSize]), 2, group, group + 1);
    return reshape(part, [batch, groups, queries, headSize]);
  };
  const parts = Array.from({ length: perGroup }, (_, i) =>
    scaledDotProductAttention(split(i), k, v, options),
  );
  return reshape(
    concat(
      parts.map((part) => expandDims(part, 2)),
      2,
    ),
    [batch, heads, queries, headSize],
  );
}
