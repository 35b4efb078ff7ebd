// A small network that is trained while it reads: one step of gradient descent with momentum and forgetting a token, in chunks.
// Knows no projections.
import type { Tensor } from '../../engine/graph.js';
import { add, mul, sub } from '../../engine/ops/arithmetic.js';
import { silu } from '../../engine/ops/gelu.js';
import { transpose } from '../../engine/ops/layout.js';
import { matmul } from '../../engine/ops/matmul.js';
import { sum } from '../../engine/ops/reduce.js';
import { scan } from '../../engine/ops/scan.js';
import { slice } from '../../engine/ops/slicing.js';
import { sigmoid } from '../../engine/ops/unary.js';
import { where } from '../../engine/ops/where.js';
import { chunkDecay } from './decay.js';

/** What the tokens ask for and write, in chunks. */
export interface LearnedMemoryInput {
  /** [chunks, rows, chunk, size] */
  readonly query: Tensor;
  /** [chunks, rows, chunk, size] */
  readonly key: Tensor;
  /** [chunks, rows, chunk, size] */
  readonly value: Tensor;
  /** Learning rate theta: [chunks, rows, chunk, 1] */
  readonly rate: Tensor;
  /** Logarithm of the momentum eta, at most 0: [chunks, rows, chunk, 1] */
  readonly logMomentum: Tensor;
  /** Logarithm of what is kept, 1 - alpha, at most 0: [chunks, rows, chunk, 1] */
  readonly logKept: Tensor;
  /** 1 at a token, 0 where there is none and nothing is learned: [chunks, rows, chunk, 1] */
  readonly present: Tensor;
  /** Whether the chunk ends here, so that the next gradients are taken at the new weights: bool [chunks, 1, 1, 1] */
  readonly complete: Tensor;
}

/** The network of each head, and what its training carries along. One tensor [rows, inputs, outputs] for each layer. */
export interface LearnedMemoryState {
  /** Weights at the start of the chunk, where gradients are taken. */
  readonly anchor: readonly Tensor[];
  /** Weights after the last token. */
  readonly weights: readonly Tensor[];
  /** Momentum S of the weights, the surprise of the past. */
  readonly momentum: readonly Tensor[];
}

/** How much the steps of a chunk count, seen from each of its tokens. */
interface StepWeights {
  /** In the weights after token t, of the gradient of token i <= t: [..., chunk, chunk] */
  readonly gradients: Tensor;
  /** In the weights after token t, of the first momentum: [..., chunk, 1] */
  readonly momentum: Tensor;
  /** In the weights after token t, of the first weights: [..., chunk, 1] */
  readonly weights: Tensor;
  /** In the last momentum, of the gradient of token i: [..., chunk, 1] */
  readonly gradientsInMomentum: Tensor;
  /** In the last momentum, of the first momentum: [..., 1, 1] */
  readonly momentumInMomentum: Tensor;
}

/** Unrolls S_t = eta_t S_{t-1} - theta_t u_t and M_t = (1 - alpha_t) M_{t-1} + S_t over a chunk. */
function stepWeights({ rate, logMomentum, logKept, present }: LearnedMemoryInput): StepWeights {
  const [momentum, kept] = [chunkDecay(logMomentum), chunkDecay(logKept)];
  return {
    gradients: matmul(kept.between, mul(mul(momentum.between, transpose(rate)), present)),
    momentum: matmul(kept.between, mul(momentum.fromStart, present)),
    weights: kept.fromStart,
    gradientsInMomentum: mul(momentum.toEnd, rate),
    momentumInMomentum: momentum.whole,
  };
}

/** What a layer saw and what it got wrong; the gradient of its weights at token i is inputs_i^T errors_i. */
interface LayerGradient {
  /** [rows, chunk, inputs] */
  readonly inputs: Tensor;
  /** [rows, chunk, outputs] */
  readonly errors: Tensor;
}

/** Gradients of |network(key) - value|^2 for each token apart, at the same weights; and that loss, [rows, chunk, 1]. */
function associativeGradients(weights: readonly Tensor[], key: Tensor, value: Tensor) {
  const inputs: Tensor[] = [key];
  const sums: Tensor[] = [];
  for (const [layer, weight] of weights.entries()) {
    const output = matmul(inputs[layer] ?? key, weight);
    sums.push(output);
    if (layer < weights.length - 1) inputs.push(silu(output));
  }
  const error = sub(sums.at(-1) ?? key, value);
  let errors = mul(error, 2);
  const gradients: LayerGradient[] = [{ inputs: inputs.at(-1) ?? key, errors }];
  for (let layer = weights.length - 1; layer > 0; layer--) {
    const [weight, before] = [weights[layer] ?? key, sums[layer - 1] ?? key];
    errors = mul(matmul(errors, weight, { transposeB: true }), siluSlope(before));
    gradients.unshift({ inputs: inputs[layer - 1] ?? key, errors });
  }
  return { gradients, loss: sum(mul(error, error), -1, { keepDims: true }) };
}

function siluSlope(x: Tensor): Tensor {
  const gate = sigmoid(x);
  return mul(gate, add(mul(x, sub(1, gate)), 1));
}

/** How much of the gradient of token i is in what `x` meets after token t: [..., chunk, chunk]. */
function similarityOf(x: Tensor, inputs: Tensor, steps: StepWeights): Tensor {
  return mul(matmul(x, inputs, { transposeB: true }), steps.gradients);
}

/**
 * A layer with the weights that it has after each token: row t of `x` meets the weights after token t.
 * @param similarity of `x` and the inputs of the layer
 */
function applyWhileLearning(
  x: Tensor,
  similarity: Tensor,
  steps: StepWeights,
  weights: Tensor,
  momentum: Tensor,
  { errors }: LayerGradient,
): Tensor {
  const before = add(mul(matmul(x, weights), steps.weights), mul(matmul(x, momentum), steps.momentum));
  return sub(before, matmul(similarity, errors));
}

/** Weights and momentum of a layer after the chunk. */
function learn(steps: StepWeights, weights: Tensor, momentum: Tensor, { inputs, errors }: LayerGradient) {
  const lastRow = (x: Tensor): Tensor => slice(x, -2, -1);
  const gradient = (share: Tensor): Tensor => matmul(inputs, mul(errors, share), { transposeA: true });
  const kept = mul(weights, lastRow(steps.weights));
  const carried = mul(momentum, lastRow(steps.momentum));
  return {
    weights: sub(add(kept, carried), gradient(transpose(lastRow(steps.gradients)))),
    momentum: sub(mul(momentum, steps.momentumInMomentum), gradient(steps.gradientsInMomentum)),
  };
}

/**
 * M_t = (1 - alpha_t) M_{t-1} + S_t, S_t = eta_t S_{t-1} - theta_t u_t, o_t = M_t(q_t), with u_t the gradient of
 * |M(k_t) - v_t|^2 at the weights of the start of the chunk. The gradient of a token is a product of two vectors, so
 * that the weights after each token never have to be written down.
 * Source: Behrouz et al. 2025, "Titans: learning to memorize at test time", equations 9 to 14 and section 3.2.
 * @returns output [chunks, rows, chunk, size]; surprise |M(k_t) - v_t|^2 [chunks, rows, chunk, 1]; the state afterwards
 */
export function readByLearning(input: LearnedMemoryInput, state: LearnedMemoryState) {
  const { query, key, value, complete } = input;
  const steps = stepWeights(input);
  // What the first layer sees does not depend on what was learned: one product over all chunks, before the loop.
  const similarity = similarityOf(query, key, steps);
  const { carry, ys } = scan(
    (before: LearnedMemoryState, chunk: ChunkOfTokens) => {
      const { steps } = chunk;
      const { gradients, loss } = associativeGradients(before.anchor, chunk.key, chunk.value);
      let output = chunk.query;
      const after = gradients.map((gradient, layer) => {
        const [weights, momentum] = [before.weights[layer] ?? key, before.momentum[layer] ?? key];
        const x = layer === 0 ? output : silu(output);
        const similar = layer === 0 ? chunk.similarity : similarityOf(x, gradient.inputs, steps);
        output = applyWhileLearning(x, similar, steps, weights, momentum, gradient);
        return learn(steps, weights, momentum, gradient);
      });
      const next: LearnedMemoryState = {
        anchor: after.map(({ weights }, i) => where(chunk.complete, weights, before.anchor[i] ?? weights)),
        weights: after.map(({ weights }) => weights),
        momentum: after.map(({ momentum }) => momentum),
      };
      return { carry: next, y: { output, surprise: loss } };
    },
    state,
    { query, key, value, similarity, steps, complete },
  );
  return { ...ys, state: carry };
}

interface ChunkOfTokens {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
  readonly similarity: Tensor;
  readonly steps: StepWeights;
  readonly complete: Tensor;
}
