// Clipping of gradients by their global norm.
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { GradientTransformation } from './transformation.js';
import { sizeOf } from '../core/shape.js';
import { leavesOf, mapLeaves } from '../core/tree.js';
import { add, div, minimum } from '../engine/ops/arithmetic.js';
import { full } from '../engine/ops/constant.js';
import { reshape } from '../engine/ops/layout.js';
import { matmul } from '../engine/ops/matmul.js';
import { sqrt } from '../engine/ops/unary.js';
import { stateless } from './transformation.js';

/** Added to the norm before dividing by it, as in PyTorch's clip_grad_norm_. */
const epsilon = 1e-6;

/** The product of a row with itself: it reads the tensor once and writes nothing. */
function sumOfSquares(x: Tensor): Tensor {
  const row = reshape(x, [1, sizeOf(x.shape)]);
  return reshape(matmul(row, row, { transposeB: true }), []);
}

/**
 * Euclidean norm over all tensors of a tree, a float32 scalar. Asking for it beside `clipByGlobalNorm`, to report it, costs
 * nothing: equal nodes of a graph are computed once.
 */
export function globalNorm(gradients: Tree<Tensor>): Tensor {
  return sqrt(
    leavesOf(gradients)
      .map(sumOfSquares)
      .reduce((a, b) => add(a, b), full(0)),
  );
}

/**
 * Scales all gradients by min(1, maxNorm / (norm + 1e-6)), so that their global norm is at most `maxNorm`.
 * Source: Pascanu et al. 2013, algorithm 1, with PyTorch's epsilon.
 */
export function clipByGlobalNorm(maxNorm: number): GradientTransformation {
  return stateless((updates) => {
    const norm = globalNorm(mapLeaves(updates, (update) => update.value()));
    const factor = minimum(div(maxNorm, add(norm, epsilon)), 1);
    return mapLeaves(updates, (update) => update.scaledBy(factor));
  });
}
