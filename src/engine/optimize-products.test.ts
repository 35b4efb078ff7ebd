import { describe, expect, it } from 'vitest';
import type { Tensor } from './graph.js';
import { TensorData } from '../core/tensor-data.js';
import { nodesOf } from './graph.js';
import { scaleSmallerSide } from './optimize-products.js';
import { mul } from './ops/arithmetic.js';
import { placeholder } from './ops/constant.js';
import { reshape } from './ops/layout.js';
import { matmul } from './ops/matmul.js';
import { evaluate } from './runtime/reference.js';

const x = placeholder({ dtype: 'float32', shape: [6, 10] }, 'x');
const rows = placeholder({ dtype: 'float32', shape: [6, 1] }, 'rows');
const narrow = placeholder({ dtype: 'float32', shape: [6, 4] }, 'narrow');
const weight = placeholder({ dtype: 'float32', shape: [4, 10] }, 'weight');
const inputs = [x, rows, narrow, weight];

function value(tensor: Tensor, seed: number): TensorData {
  const length = tensor.shape.reduce((a, b) => a * b, 1);
  return new TensorData(
    'float32',
    tensor.shape,
    Float32Array.from({ length }, (_, i) => Math.sin(seed + i)),
  );
}

/** Sizes of the tensors that are scaled by rows. */
function scaledSizes(outputs: readonly Tensor[]): number[] {
  return nodesOf({ inputs, outputs })
    .filter((node) => node.op.name === 'mul')
    .map((node) => node.outputs[0]?.shape.at(-1) ?? 0);
}

function expectSameValues(before: readonly Tensor[], after: readonly Tensor[]): void {
  const values = inputs.map((input, i) => value(input, i));
  const [wanted, given] = [before, after].map((outputs) => evaluate({ inputs, outputs }, values));
  wanted?.forEach((tensor, i) =>
    tensor.data.forEach((element: number, k: number) => expect(given?.[i]?.data[k]).toBeCloseTo(element, 5)),
  );
}

describe('scaling rows', () => {
  it('moves behind a product with fewer columns, and onto the narrower operand of a weight gradient', () => {
    const scaled = mul(x, rows);
    const before = [
      matmul(scaled, weight, { transposeB: true }),
      matmul(narrow, scaled, { transposeA: true }),
    ];
    const { outputs } = scaleSmallerSide({ inputs, outputs: before });
    expect(scaledSizes(before)).toEqual([10]);
    expect(scaledSizes(outputs)).toEqual([4, 4]);
    expectSameValues(before, outputs);
  });

  it('passes through a reshape that keeps rows', () => {
    const before = [matmul(reshape(mul(x, rows), [2, 3, 10]), weight, { transposeB: true })];
    const { outputs } = scaleSmallerSide({ inputs, outputs: before });
    expect(scaledSizes(outputs)).toEqual([4]);
    expectSameValues(before, outputs);
  });

  it('stays where the product is the larger one', () => {
    const before = [matmul(mul(narrow, rows), weight)];
    expect(scaledSizes(scaleSmallerSide({ inputs, outputs: before }).outputs)).toEqual([4]);
  });
});
