// Scaled dot-product attention over heads. Knows nothing of projections or caches.
import type { Tensor } from '../engine/graph.js';
import { isObserved, observe } from '../engine/observe.js';
import { add, sub } from '../engine/ops/arithmetic.js';
import { lessOrEqual } from '../engine/ops/comparison.js';
import { full, range } from '../engine/ops/constant.js';
import { expandDims } from '../engine/ops/layout.js';
import { concat, slice, split } from '../engine/ops/slicing.js';
import { softmax } from '../engine/ops/softmax.js';
import { where } from '../engine/ops/where.js';
import { alibiBias } from './alibi.js';
import { attendByHead, attentionScores } from './attend.js';

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
  return softmax(attentionScores({ query: q, key: k, bias }, scale));
}

/** 0 where query i of a block starting at `start` may see key j <= start + i, else -Infinity: [queries, keys]. */
export function causalBias(queries: number, keys = queries, start = 0): Tensor {
  const rows = expandDims(add(range(queries), full(start, 'int32')), 1);
  return where(lessOrEqual(range(keys), rows), 0, hidden);
}

export interface AttentionOptions {
  /** Each query sees keys up to its own position. Queries and keys start at the same position. */
  readonly causal?: boolean;
  /** Added to the scores: broadcasts to [batch, heads, queries, keys]. */
  readonly bias?: Tensor;
  /** Of causal attention: scores fall in proportion to distance (see alibi.ts). */
  readonly alibi?: boolean;
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
  const [, heads = 1, queries = 1] = q.shape;
  const { scale, bias, causal = false, alibi = false } = options;
  if (!causal) return attendToOne(q, k, v, bias, scale);
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
    const biases = [
      causalBias(end - start, end, start),
      ...(bias ? [biasOfBlock(bias, start, end)] : []),
      ...(alibi ? [expandDims(alibiBias(sub(range(end), end - 1), heads), 1)] : []),
    ];
    const seen = biases.reduce((a, b) => add(a, b));
    return attendToOne(row, slice(k, 2, 0, end), slice(v, 2, 0, end), seen, scale);
  });
  return concat(blocks, 2);
}

/** The part of a bias for queries from `start` on and keys up to `end`. */
function biasOfBlock(bias: Tensor, start: number, end: number): Tensor {
  const keys = slice(bias, -1, 0, end);
  return bias.shape.at(-2) === 1 ? keys : slice(keys, -2, start, end);
}

function attendToOne(q: Tensor, k: Tensor, v: Tensor, bias?: Tensor, scale?: number): Tensor {
  const { output, probabilities } = attendByHead([{ query: q, key: k, value: v, bias }], scale);
  for (const part of probabilities) observe('probabilities', part);
  return output;
}
