// Additive fast weights in chunks, with and without a decay for each channel of the keys. Knows no projections.
import type { Tensor } from '../../engine/graph.js';
import { add, mul, sub } from '../../engine/ops/arithmetic.js';
import { greaterOrEqual } from '../../engine/ops/comparison.js';
import { range } from '../../engine/ops/constant.js';
import { cumulativeSum } from '../../engine/ops/cumulative-sum.js';
import { expandDims, transpose } from '../../engine/ops/layout.js';
import { matmul } from '../../engine/ops/matmul.js';
import { sum } from '../../engine/ops/reduce.js';
import { scan } from '../../engine/ops/scan.js';
import { select, slice } from '../../engine/ops/slicing.js';
import { exp, neg } from '../../engine/ops/unary.js';
import { where } from '../../engine/ops/where.js';
import { causalMask } from './decay.js';

/** What the tokens ask for and write, in chunks. */
export interface LinearAttentionInput {
  /** [chunks, rows, chunk, keySize] */
  readonly query: Tensor;
  /** [chunks, rows, chunk, keySize] */
  readonly key: Tensor;
  /** [chunks, rows, chunk, valueSize] */
  readonly value: Tensor;
}

interface Result {
  /** [chunks, rows, chunk, valueSize] */
  readonly output: Tensor;
  /** [rows, keySize, valueSize] */
  readonly memory: Tensor;
}

/**
 * M_t = M_{t-1} + k_t v_t^T, o_t = M_t^T q_t. The memories between chunks are running sums.
 * Source: Katharopoulos et al. 2020, "Transformers are RNNs", section 3.
 * @param memory [rows, keySize, valueSize]
 */
export function readByAddition({ query, key, value }: LinearAttentionInput, memory: Tensor): Result {
  const added = matmul(key, value, { transposeA: true }); // [chunks, rows, keySize, valueSize]
  const before = add(cumulativeSum(added, 0, { exclusive: true }), memory);
  const products = mul(matmul(query, key, { transposeB: true }), causalMask(key.shape.at(-2) ?? 0));
  return {
    output: add(matmul(query, before), matmul(products, value)),
    memory: add(select(before, 0, -1), select(added, 0, -1)),
  };
}

/**
 * M_t = diag(alpha_t) M_{t-1} + k_t v_t^T, o_t = M_t^T q_t.
 *
 * Within a chunk, token t reads from token i <= t the sum over channels of q_t k_i e^(g_t - g_i), with g the sum of log(alpha)
 * since the first token of the chunk. It is a product of q_t e^(g_t) and k_i e^(-g_i): with log(alpha) >= -5 and chunks of
 * at most 16 tokens, no exponent leaves +-75, and float32 holds e^88.
 * Source: Yang et al. 2023, "Gated linear attention transformers with hardware-efficient training", section 4.
 * @param logDecay log(alpha) [chunks, rows, chunk, keySize], from -5 to 0
 * @param memory [rows, keySize, valueSize]
 */
export function readByDecayingAddition(
  { query, key, value }: LinearAttentionInput,
  logDecay: Tensor,
  memory: Tensor,
): Result {
  const fromStart = exp(cumulativeSum(logDecay, -2));
  const toEnd = exp(cumulativeSum(logDecay, -2, { reverse: true, exclusive: true }));
  const whole = transpose(exp(sum(logDecay, -2, { keepDims: true }))); // [chunks, rows, keySize, 1]
  const added = matmul(mul(key, toEnd), value, { transposeA: true });
  const { carry, ys: before } = scan(
    (current: Tensor, chunk: { whole: Tensor; added: Tensor }) => ({
      carry: add(mul(current, chunk.whole), chunk.added),
      y: current,
    }),
    memory,
    { whole, added },
  );
  const within = matmul(decayedProducts(query, key, logDecay), value);
  return { output: add(matmul(mul(query, fromStart), before), within), memory: carry };
}

/** q_t . (k_i * decay of the tokens after i up to t), for i <= t, else 0: [chunks, rows, chunk, chunk]. */
function decayedProducts(query: Tensor, key: Tensor, logDecay: Tensor): Tensor {
  const chunk = key.shape.at(-2) ?? 0;
  const sinceFirst = sub(cumulativeSum(logDecay, -2), slice(logDecay, -2, 0, 1));
  const products = matmul(mul(query, exp(sinceFirst)), mul(key, exp(neg(sinceFirst))), { transposeB: true });
  // Products above the diagonal may overflow: they are left out, not multiplied by zero.
  return where(greaterOrEqual(expandDims(range(chunk), 1), range(chunk)), products, 0);
}
