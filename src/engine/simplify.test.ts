import { describe, expect, it } from 'vitest';
import { grad } from './grad.js';
import type { Graph, Tensor } from './graph.js';
import { withScope } from './graph.js';
import { add, div, mul, pow, sub } from './ops/arithmetic.js';
import { full } from './ops/constant.js';
import { gather } from './ops/indexing.js';
import { broadcastTo, reshape, transpose, zerosLike } from './ops/layout.js';
import { matmul } from './ops/matmul.js';
import { max, mean, sum } from './ops/reduce.js';
import { neg, tanh } from './ops/unary.js';
import { where } from './ops/where.js';
import { greater } from './ops/comparison.js';
import { printGraph } from './print.js';
import { simplify } from './simplify.js';
import { float32, int32, trace } from './trace.js';

/** The nodes of a simplified function, without constants, one a line. */
function simplified(
  f: (x: Tensor, y: Tensor) => Tensor,
  left = float32(2, 3),
  right = float32(2, 3),
): string[] {
  const { graph } = trace(f, left, right);
  return linesOf(simplify(graph));
}

const linesOf = (graph: Graph): string[] =>
  printGraph(graph)
    .split('\n')
    .slice(1, -1)
    .map((line) => line.trim());

/** A table that is used twice: to look up rows, and as the weights of a product. */
function lossOfTied(table: Tensor, ids: Tensor): Tensor {
  return sum(tanh(matmul(gather(table, ids), table, { transposeB: true })));
}

describe('simplify', () => {
  it('drops neutral operations', () => {
    const nothing = ['return %0'];
    expect(simplified((x) => add(0, mul(div(sub(x, 0), 1), 1)))).toEqual(nothing);
    expect(simplified((x) => pow(add(x, zerosLike(x)), 1))).toEqual(nothing);
    expect(simplified((x) => sub(0, x))).toEqual(['%2: float32[2, 3] = sub(0, %0)', 'return %2']);
  });

  it('keeps an operation with a neutral element that changes the shape', () => {
    expect(simplified((x) => mul(x, full(1, 'float32', [1, 1])), float32(3))).toHaveLength(3);
  });

  it('joins signs', () => {
    expect(simplified((x, y) => add(x, neg(y)))).toEqual(['%2: float32[2, 3] = sub(%0, %1)', 'return %2']);
    expect(simplified((x, y) => sub(x, neg(y)))).toEqual(['%2: float32[2, 3] = add(%0, %1)', 'return %2']);
    expect(simplified((x, y) => add(neg(x), y))).toEqual(['%2: float32[2, 3] = sub(%1, %0)', 'return %2']);
    expect(simplified((x) => neg(neg(x)))).toEqual(['return %0']);
  });

  it('joins layouts', () => {
    expect(simplified((x) => reshape(reshape(x, [6]), [3, 2]))).toEqual([
      '%2: float32[3, 2] = reshape(%0) {shape: [3, 2]}',
      'return %2',
    ]);
    expect(simplified((x) => reshape(reshape(x, [6]), [2, 3]))).toEqual(['return %0']);
    expect(simplified((x) => transpose(tanh(transpose(transpose(x)))))).toEqual([
      '%2: float32[2, 3] = tanh(%0)',
      '%3: float32[3, 2] = transpose(%2) {permutation: [1, 0]}',
      'return %3',
    ]);
    expect(simplified((x) => transpose(x, [2, 0, 1]), float32(2, 3, 1))).toEqual([
      '%2: float32[1, 2, 3] = reshape(%0) {shape: [1, 2, 3]}',
      'return %2',
    ]);
    expect(simplified((x) => transpose(transpose(x, [1, 2, 0]), [1, 0, 2]), float32(2, 3, 4))).toEqual([
      '%2: float32[4, 3, 2] = transpose(%0) {permutation: [2, 1, 0]}',
      'return %2',
    ]);
    expect(simplified((x) => broadcastTo(broadcastTo(x, [2, 3]), [4, 2, 3]), float32(3))).toEqual([
      '%2: float32[4, 2, 3] = broadcast(%0) {shape: [4, 2, 3]}',
      'return %2',
    ]);
  });

  it('reduces nothing that is a single element', () => {
    expect(simplified((x) => mean(sum(max(x, 0), []), [1, 2]), float32(1, 3, 1, 1))).toEqual([
      '%2: float32[3] = reshape(%0) {shape: [3]}',
      'return %2',
    ]);
    expect(simplified((x) => sum(x, 0), float32(0))).toHaveLength(2);
  });

  it('repeats nothing that the next op repeats itself', () => {
    expect(simplified((x, y) => mul(broadcastTo(x, [2, 3]), y), float32(3))).toEqual([
      '%2: float32[2, 3] = mul(%0, %1)',
      'return %2',
    ]);
    expect(simplified((x, y) => where(broadcastTo(greater(x, 0), [2, 3]), y, 0), float32(3))).toEqual([
      '%2: bool[3] = greater(%0, 0)',
      '%3: float32[2, 3] = where(%2, %1, 0)',
      'return %3',
    ]);
    expect(simplified((x) => tanh(broadcastTo(x, [2, 3])), float32(3))).toEqual([
      '%2: float32[2, 3] = broadcast(%0) {shape: [2, 3]}',
      '%3: float32[2, 3] = tanh(%2)',
      'return %3',
    ]);
    // One of both must stay, or the result would be smaller.
    const both = simplified(
      (x, y) => add(broadcastTo(x, [2, 3]), broadcastTo(y, [2, 3])),
      float32(3),
      float32(3),
    );
    expect(both.filter((line) => line.includes('broadcast'))).toHaveLength(1);
  });

  it('joins factors, unless somebody uses what is between', () => {
    expect(simplified((x) => mul(neg(div(mul(0.5, x), 4)), 16))).toEqual([
      '%2: float32[2, 3] = mul(%0, -2)',
      'return %2',
    ]);
    expect(
      simplified((x) => {
        const half = mul(x, 0.5);
        return add(tanh(half), mul(half, 3));
      }),
    ).toHaveLength(5);
  });

  it('moves factors into products', () => {
    const square = [float32(3, 3), float32(3, 3)] as const;
    expect(simplified((x, y) => mul(matmul(neg(x), mul(y, 0.5), { scale: 4 }), 0.25), ...square)).toEqual([
      '%2: float32[3, 3] = matmul(%0, %1) {scale: -0.5}',
      'return %2',
    ]);
  });

  it('moves transpositions of matrices into products', () => {
    expect(simplified((x, y) => matmul(transpose(x), y))).toEqual([
      '%2: float32[3, 3] = matmul(%0, %1) {transposeA: true, scale: 1}',
      'return %2',
    ]);
    const batches = [float32(2, 4, 3), float32(2, 4, 3)] as const;
    expect(simplified((x, y) => matmul(x, transpose(y, [0, 2, 1])), ...batches)).toEqual([
      '%2: float32[2, 4, 4] = matmul(%0, %1) {transposeB: true, scale: 1}',
      'return %2',
    ]);
    expect(
      simplified((x, y) => matmul(x, transpose(y), { transposeB: true }), float32(2, 3), float32(3, 2)),
    ).toEqual(['%2: float32[2, 2] = matmul(%0, %1) {scale: 1}', 'return %2']);
    // The batch axis moves too: that stays a transposition.
    expect(
      simplified((x, y) => matmul(x, transpose(y, [2, 0, 1])), float32(4, 2, 2), float32(2, 3, 4)),
    ).toHaveLength(3);
  });

  it('adds the rows of a tied embedding to the gradient of the head', () => {
    const { graph } = trace(grad(lossOfTied), float32(9, 3), int32(4));
    const { node } = simplify(graph).outputs[0] ?? full(0);
    expect(node.op.name).toBe('scatterAdd');
    expect(node.inputs[0]?.node.op.name).toBe('matmul');
  });

  it('keeps the path of the layer', () => {
    const { graph } = trace((x: Tensor) => withScope('blocks.0', () => mul(mul(x, 2), 3)), float32(2));
    expect(linesOf(simplify(graph))).toEqual(['%1: float32[2] = mul(%0, 6)  # blocks.0', 'return %1']);
  });
});
