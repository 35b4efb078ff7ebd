// How much of what was written at one token is left at a later one, from the logarithms of decays. Knows no memory.
import type { Tensor } from '../../engine/graph.js';
import { mul } from '../../engine/ops/arithmetic.js';
import { cumulativeSum } from '../../engine/ops/cumulative-sum.js';
import { matmul } from '../../engine/ops/matmul.js';
import { sum } from '../../engine/ops/reduce.js';
import { exp } from '../../engine/ops/unary.js';
import { indicator } from './chunks.js';

/** 1 where row t may see column i <= t: [size, size]. */
export function causalMask(size: number): Tensor {
  return indicator(size, (t, i) => i <= t);
}

/** Products of the decays of a chunk; no factor exceeds 1, so that nothing overflows. */
export interface ChunkDecay {
  /** Of the tokens after i up to t, in row t and column i <= t; 0 above the diagonal: [..., chunk, chunk] */
  readonly between: Tensor;
  /** Of the tokens up to t: [..., chunk, 1] */
  readonly fromStart: Tensor;
  /** Of the tokens after t: [..., chunk, 1] */
  readonly toEnd: Tensor;
  /** Of all tokens: [..., 1, 1] */
  readonly whole: Tensor;
}

/**
 * The decays of a chunk. Sums between two tokens are products with triangles of ones: a difference of running sums would
 * lose its digits after a token that forgets everything.
 * @param logDecay [..., chunk, 1], at most 0
 */
export function chunkDecay(logDecay: Tensor): ChunkDecay {
  const chunk = logDecay.shape.at(-2) ?? 0;
  const causal = causalMask(chunk);
  const laterThan = indicator(chunk, (t, i) => t > i);
  const sums = matmul(causal, mul(logDecay, laterThan)); // row t, column i: tokens i < s <= t
  return {
    between: mul(exp(sums), causal),
    fromStart: exp(cumulativeSum(logDecay, -2)),
    toEnd: exp(cumulativeSum(logDecay, -2, { reverse: true, exclusive: true })),
    whole: exp(sum(logDecay, -2, { keepDims: true })),
  };
}
