// The delta rule in chunks: what a memory matrix holds for a key is overwritten, not only added to. Knows no projections.
import type { Tensor } from '../../engine/graph.js';
import { add, mul, sub } from '../../engine/ops/arithmetic.js';
import { transpose } from '../../engine/ops/layout.js';
import { matmul } from '../../engine/ops/matmul.js';
import { scan } from '../../engine/ops/scan.js';
import { causalMask, chunkDecay } from './decay.js';
import { invertUnitLower } from './triangular-inverse.js';

/** What the tokens ask for and write, in chunks. */
export interface DeltaRuleInput {
  /** [chunks, rows, chunk, keySize] */
  readonly query: Tensor;
  /** [chunks, rows, chunk, keySize], each of length at most 1 */
  readonly key: Tensor;
  /** [chunks, rows, chunk, valueSize] */
  readonly value: Tensor;
  /** How strongly to write, beta: [chunks, rows, chunk, 1] */
  readonly rate: Tensor;
  /** Logarithm of the decay alpha, at most 0: [chunks, rows, chunk, 1]. Absent: nothing decays. */
  readonly logDecay?: Tensor | undefined;
}

/**
 * S_t = alpha_t S_{t-1} (I - beta_t k_t k_t^T) + beta_t v_t k_t^T, o_t = S_t q_t, for the memory M = S^T.
 *
 * In a chunk that starts from M, token t writes u_t = beta_t (v_t - alpha_t M_{t-1}^T k_t) at k_t. That is
 * (I + A) U = B (V - G K M), with B = diag(beta), D the decay between two tokens, G = diag of the decay from the start, and
 * A = B (K K^T * D) below the diagonal. So U = T V - (T G K) M with T = (I + A)^-1 B, and only the last product has to
 * wait for the chunk before. Chunks of one token are the recurrent form.
 * Sources: Yang et al. 2024, "Parallelizing linear transformers with the delta rule over sequence length", section 3;
 * the decay: Yang, Kautz and Hatamizadeh 2025, "Gated delta networks", section 3.
 *
 * @param memory [rows, keySize, valueSize]
 * @returns output [chunks, rows, chunk, valueSize]; the memory after the last chunk
 */
export function readByDeltaRule(
  { query, key, value, rate, logDecay }: DeltaRuleInput,
  memory: Tensor,
): { readonly output: Tensor; readonly memory: Tensor } {
  const decay = logDecay && chunkDecay(logDecay);
  const between = decay?.between ?? causalMask(key.shape.at(-2) ?? 0); // [..., chunk, chunk]
  const similarity = mul(matmul(key, key, { transposeB: true }), between);
  const solve = mul(invertUnitLower(mul(similarity, rate)), transpose(rate)); // T
  const { before, written, last } = writeChunks(
    {
      fresh: matmul(solve, value),
      stale: matmul(solve, decay ? mul(key, decay.fromStart) : key),
      key: decay ? mul(key, decay.toEnd) : key,
      ...(decay && { whole: decay.whole }),
    },
    memory,
  );
  const fromBefore = matmul(decay ? mul(query, decay.fromStart) : query, before);
  const within = matmul(mul(matmul(query, key, { transposeB: true }), between), written);
  return { output: add(fromBefore, within), memory: last };
}

/** What a chunk does to the memory: U = fresh - stale M, M' = whole M + key^T U. */
interface ChunkWrite {
  readonly fresh: Tensor;
  readonly stale: Tensor;
  readonly key: Tensor;
  readonly whole?: Tensor;
}

/** Returns U of each chunk, the memory before each chunk, and the memory after the last. */
function writeChunks(chunks: ChunkWrite, memory: Tensor) {
  const write = (before: Tensor, { fresh, stale, key, whole }: ChunkWrite) => {
    const written = sub(fresh, matmul(stale, before));
    const added = matmul(key, written, { transposeA: true });
    const kept = whole ? mul(before, whole) : before;
    return { carry: add(kept, added), y: { before, written } };
  };
  const { carry: last, ys } = scan(write, memory, chunks);
  return { ...ys, last };
}
