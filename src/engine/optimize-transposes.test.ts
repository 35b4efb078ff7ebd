import { describe, expect, it } from 'vitest';
import { randomTensor } from '../testing/tensors.js';
import type { Graph, Tensor } from './graph.js';
import { nodesOf } from './graph.js';
import { straightenProducts } from './optimize-transposes.js';
import { optimize } from './optimize.js';
import { placeholder } from './ops/constant.js';
import { matmul } from './ops/matmul.js';
import { evaluate } from './runtime/reference.js';

const matrix = (rows: number, columns: number): Tensor =>
  placeholder({ dtype: 'float32', shape: [rows, columns] }, 'x');

/** Sizes of what is transposed by itself, and whether products still transpose. */
function turned(graph: Graph): unknown[] {
  return nodesOf(graph).flatMap<unknown>(({ op, inputs, attributes }) => {
    if (op.name === 'transpose') return inputs.map(({ shape }) => shape);
    return attributes['transposeA'] === true ? ['in the product'] : [];
  });
}

function expectSameValues(before: Graph, after: Graph): void {
  const values = before.inputs.map(({ shape }, i) => randomTensor(shape, { seed: i + 1 }));
  const [wanted, given] = [before, after].map((graph) => evaluate(graph, values));
  wanted?.forEach((tensor, i) =>
    tensor.data.forEach((value: number, k: number) => expect(given?.[i]?.data[k]).toBeCloseTo(value, 4)),
  );
}

describe('gradients of weights', () => {
  it.each([
    [3, 256, [[256, 3]]],
    [
      256,
      3,
      [
        [256, 3],
        [3, 256],
      ],
    ],
  ])('turn the narrower operand once: %i and %i columns', (left, right, expected) => {
    const inputs = [matrix(256, left), matrix(256, right)] as const;
    const graph = { inputs, outputs: [matmul(...inputs, { transposeA: true, scale: 0.5 })] };
    const straight = straightenProducts(graph);
    expect(turned(graph)).toEqual(['in the product']);
    expect(turned(straight)).toEqual(expected);
    expectSameValues(graph, straight);
  });

  it('share what is turned, and stay so when the graph is optimized again', () => {
    const inputs = [matrix(256, 8), matrix(256, 256), matrix(256, 300)] as const;
    const [x, ...cotangents] = inputs;
    const graph = { inputs, outputs: cotangents.map((g) => matmul(x, g, { transposeA: true })) };
    const optimized = optimize(optimize(graph));
    expect(turned(optimized)).toEqual([[256, 8]]);
    expectSameValues(graph, optimized);
  });

  it('are left alone where there is little to gain', () => {
    const few = [matrix(32, 256), matrix(32, 256)] as const;
    const narrow = [matrix(512, 64), matrix(512, 64)] as const;
    for (const inputs of [few, narrow]) {
      const graph = { inputs, outputs: [matmul(...inputs, { transposeA: true })] };
      expect(turned(straightenProducts(graph))).toEqual(['in the product']);
    }
  });
});
