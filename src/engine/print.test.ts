import { describe, expect, it } from 'vitest';
import { grad } from './grad.js';
import type { Tensor } from './graph.js';
import { withScope } from './graph.js';
import { add, mul } from './ops/arithmetic.js';
import { vector } from './ops/constant.js';
import { matmul } from './ops/matmul.js';
import { sum } from './ops/reduce.js';
import { scan } from './ops/scan.js';
import { topK } from './ops/top-k.js';
import { tanh } from './ops/unary.js';
import { printGraph } from './print.js';
import { float32, int32, trace } from './trace.js';

/** The sum of a recurrence h = tanh(h weight + x) over the first axis of x. */
function lossOfLoop(weight: Tensor, x: Tensor): Tensor {
  const { ys } = scan(
    (carry: Tensor, slice: Tensor) => {
      const next = tanh(add(mul(carry, weight), slice));
      return { carry: next, y: next };
    },
    mul(weight, 0),
    x,
  );
  return sum(ys);
}

describe('printGraph', () => {
  it('writes one line a node, with types, settings and the path of the layer', () => {
    const { graph } = trace(
      ({ weight }: { readonly weight: Tensor }, x: Tensor) =>
        withScope('blocks', () => withScope('0', () => tanh(matmul(x, weight, { transposeB: true })))),
      { weight: float32(4, 3) },
      float32(2, 3),
    );
    expect(printGraph(graph)).toMatchInlineSnapshot(`
      "(%0: float32[4, 3] arg0.weight, %1: float32[2, 3] arg1) {
        %2: float32[2, 4] = matmul(%1, %0) {transposeB: true, scale: 1}  # blocks.0
        %3: float32[2, 4] = tanh(%2)  # blocks.0
        return %3
      }"
    `);
  });

  it('shows constants where they are small, and every output of a node', () => {
    const { graph } = trace(
      (x: Tensor) => ({
        ...topK(add(mul(x, -0.5), vector([1, -0, 3, 4])), 2),
        large: add(x, vector([0, 0, 0, 0])),
      }),
      float32(3, 4),
    );
    expect(printGraph(graph)).toMatchInlineSnapshot(`
      "(%0: float32[3, 4] arg0) {
        %1: float32[3, 4] = mul(%0, -0.5)
        %2: float32[4] = constant() {value: [1, -0, 3, 4]}
        %3: float32[3, 4] = add(%1, %2)
        %4: float32[3, 2], %5: int32[3, 2] = topK(%3) {k: 2, axis: 1}
        %6: float32[4] = constant() {value: [0, 0, 0, 0]}
        %7: float32[3, 4] = add(%0, %6)
        return %4, %5, %7
      }"
    `);
  });

  it('writes the gradient of a loop with the bodies of its loops inside', () => {
    const { graph } = trace(grad(lossOfLoop), float32(2), float32(5, 2));
    expect(printGraph(graph)).toMatchInlineSnapshot(`
      "(%0: float32[2] arg0, %1: float32[5, 2] arg1) {
        %2: float32[2] = broadcast(0) {shape: [2]}
        %3: float32[2] = broadcast(0) {shape: [2]}
        %4: float32[1, 1] = reshape(1) {shape: [1, 1]}
        %5: float32[5, 2] = broadcast(%4) {shape: [5, 2]}
        %6: float32[2] = mul(%0, 0)
        %7: float32[2], %8: float32[5, 2], %9: float32[5, 2], %10: float32[5, 2] = scan(%6, %1, %0) {carries: 1, sequences: 1, length: 5}
          body (%11: float32[2] carry0, %12: float32[2] slice0, %13: float32[2] capture0) {
            %14: float32[2] = mul(%11, %13)
            %15: float32[2] = add(%14, %12)
            %16: float32[2] = tanh(%15)
            return %16, %16, %16, %11
          }
        %17: float32[2], %18: float32[2], %19: float32[5, 2] = scan(%2, %3, %5, %9, %10, %0) {carries: 2, sequences: 3, length: 5, reverse: true}
          body (%20: float32[2] d0, %21: float32[2] sum0, %22: float32[2] d1, %23: float32[2] saved0, %24: float32[2] saved1, %25: float32[2] capture0) {
            %26: float32[2] = add(%20, %22)
            %27: float32[2] = mul(%23, %23)
            %28: float32[2] = sub(1, %27)
            %29: float32[2] = mul(%26, %28)
            %30: float32[2] = mul(%29, %25)
            %31: float32[2] = mul(%29, %24)
            %32: float32[2] = add(%21, %31)
            return %30, %32, %29
          }
        %33: float32[2] = mul(%17, 0)
        %34: float32[2] = add(%18, %33)
        return %34
      }"
    `);
  });

  it('writes a graph that does nothing', () => {
    expect(printGraph(trace((x: Tensor) => x, int32()).graph)).toMatchInlineSnapshot(`
      "(%0: int32[] arg0) {
        return %0
      }"
    `);
  });
});
