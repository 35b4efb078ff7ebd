// The inverse of unit lower triangular matrices, in products of matrices alone.
import type { Tensor } from '../../engine/graph.js';
import { customGradient } from '../../engine/custom-gradient.js';
import { add, mul, sub } from '../../engine/ops/arithmetic.js';
import { matmul } from '../../engine/ops/matmul.js';
import { neg } from '../../engine/ops/unary.js';
import { indicator } from './chunks.js';

/**
 * (I + A)^-1, where only what stands below the diagonal of `a` counts.
 *
 * Blocks on the diagonal are inverted by doubling their size: the inverse of [[P, 0], [R, S]] is
 * [[P', 0], [-S' R P', S']]. For all blocks of one size at once that is X - X R X, with R the corners of A that join two
 * blocks. Powers of A never appear: for equal keys they would reach 1e18 where the inverse has entries of 1.
 * The gradient needs X alone: dA = -X^T dX X^T.
 * @param a [..., size, size]
 * @returns [..., size, size]
 */
export function invertUnitLower(a: Tensor): Tensor {
  return customGradient(byDoubling, (cotangent, _, inverse) => {
    const below = indicator(a.shape.at(-1) ?? 0, (row, column) => column < row);
    const left = matmul(inverse, cotangent, { transposeA: true });
    return [mul(matmul(left, inverse, { transposeB: true, scale: -1 }), below)];
  })(a);
}

function byDoubling(a: Tensor): Tensor {
  const size = a.shape.at(-1) ?? 0;
  const corners = (block: number): Tensor => mul(a, cornerMask(size, block));
  let inverse = add(
    neg(corners(1)),
    indicator(size, (row, column) => row === column),
  );
  for (let block = 2; block < size; block *= 2)
    inverse = sub(inverse, matmul(matmul(inverse, corners(block)), inverse));
  return inverse;
}

/** 1 in the lower left corner of every diagonal block of 2 * `block` rows. */
function cornerMask(size: number, block: number): Tensor {
  const blockOf = (index: number): number => Math.floor(index / block);
  return indicator(size, (row, column) => blockOf(row) % 2 === 1 && blockOf(column) === blockOf(row) - 1);
}
