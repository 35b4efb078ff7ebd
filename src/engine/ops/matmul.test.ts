import fc from 'fast-check';
import { onnx } from 'onnx-proto';
import { afterAll, describe, expect, it } from 'vitest';
import { broadcastable, dim } from '../../../test/support/shapes.js';
import { checkAgainstReference, checkGradient } from '../../testing/check-op.js';
import { TensorData } from '../../core/tensor-data.js';
import { randomTensor, tensorOf } from '../../testing/tensors.js';
import { evaluateOnce } from '../compile.js';
import { grad } from '../grad.js';
import type { Tensor } from '../graph.js';
import { nodesOf } from '../graph.js';
import { lower } from '../onnx/lower.js';
import { NodeRuntime } from '../runtime/node.js';
import { ReferenceRuntime } from '../runtime/reference-runtime.js';
import { float32, int32, trace } from '../trace.js';
import { mul } from './arithmetic.js';
import { matmul } from './matmul.js';
import { sum } from './reduce.js';

const runtime = new NodeRuntime({ threads: 2 });
afterAll(() => runtime.dispose());

/** Operands of a product: batch axes that broadcast, sizes of the matrices, and which operands are transposed. */
const products = fc.record({
  batches: broadcastable,
  rows: dim,
  inner: dim,
  columns: dim,
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  scale: fc.constantFrom(1, 0.5),
});

type Product = typeof products extends fc.Arbitrary<infer P> ? P : never;

function operandsOf({ batches: [left, right], rows, inner, columns, transposeA, transposeB }: Product) {
  return [
    randomTensor([...left, ...(transposeA ? [inner, rows] : [rows, inner])]),
    randomTensor([...right, ...(transposeB ? [columns, inner] : [inner, columns])], { seed: 2 }),
  ];
}

/** The ONNX nodes that a product is lowered to. */
function loweredTo(f: (a: Tensor, b: Tensor) => Tensor, a: TensorData, b: TensorData): unknown[] {
  const { graph } = trace(f, float32(...a.shape), float32(...b.shape));
  const { graph: lowered } = onnx.ModelProto.decode(lower(graph));
  return (lowered?.node ?? []).map(({ opType }) => opType);
}

describe('matmul', () => {
  it('multiplies as the reference does: batches that broadcast, transposed operands, empty matrices', async () => {
    await fc.assert(
      fc.asyncProperty(products, async (product) => {
        const f = (a: Tensor, b: Tensor): Tensor => matmul(a, b, product);
        await checkAgainstReference(runtime, f, operandsOf(product));
      }),
      { numRuns: 60 },
    );
  });

  it('has the gradients that finite differences find', () => {
    fc.assert(
      fc.property(products, (product) => {
        checkGradient((a: Tensor, b: Tensor) => matmul(a, b, product), operandsOf(product), {
          directions: 4,
        });
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['in blocks', 8, 258, ['Reshape', 'Reshape', 'FusedMatMul', 'Reshape']],
    ['whole where no blocks of equal size are large enough', 1, 2053, ['FusedMatMul']],
  ])('multiplies many rows as it does one, %s', async (_, batch, rows, nodes) => {
    const x = randomTensor([batch, rows, 256]);
    for (const transposeB of [false, true]) {
      const weight = randomTensor(transposeB ? [300, 256] : [256, 300], { seed: 2 });
      const product = (a: Tensor, b: Tensor): Tensor => matmul(a, b, { transposeB, scale: 0.5 });
      expect(loweredTo(product, x, weight)).toEqual(nodes);
      const { shape, data } = await evaluateOnce(runtime, product, x, weight);
      expect(shape).toEqual([batch, rows, 300]);
      for (const row of [0, 515, 516, 1031, 2052]) {
        const own = new TensorData('float32', [1, 256], x.data.slice(row * 256, (row + 1) * 256));
        const alone = await evaluateOnce(new ReferenceRuntime(), product, own, weight);
        alone.data.forEach((value: number, column: number) =>
          expect(data[row * 300 + column]).toBeCloseTo(value, 4),
        );
      }
    }
  });

  it('differentiates twice', () => {
    const gradient = grad(([a, b]: readonly [Tensor, Tensor]) => {
      const product = matmul(a, b, { transposeB: true });
      return sum(mul(product, product));
    });
    const inputs = [randomTensor([2, 3]), randomTensor([4, 3], { seed: 2 })];
    expect(() => checkGradient((a: Tensor, b: Tensor) => gradient([a, b]), inputs)).not.toThrow();
  });

  it('multiplies by hand', async () => {
    const [a, b] = [
      tensorOf([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      tensorOf([
        [1, 0],
        [0, 1],
        [2, -1],
      ]),
    ];
    const { data } = await evaluateOnce(new ReferenceRuntime(), matmul, a, b);
    expect(Array.from(data)).toEqual([7, -1, 16, -1]);
  });

  it('takes the gradient of a matrix shared by a batch in one product', () => {
    const gradient = grad((weight: Tensor, x: Tensor) => sum(matmul(x, weight)));
    const { graph } = trace(gradient, float32(5, 3), float32(8, 4, 5));
    expect(
      nodesOf(graph)
        .filter((node) => node.op.name === 'matmul')
        .map((node) => node.outputs[0]?.shape),
    ).toEqual([[5, 3]]);
  });

  it('says which shapes do not fit', () => {
    expect(() => trace(matmul, float32(2, 3), float32(4, 5))).toThrow(
      'matmul: [2, 3] times [4, 5]: 3 columns on the left, 4 rows on the right; they must be equal.',
    );
    expect(() =>
      trace((a: Tensor, b: Tensor) => matmul(a, b, { transposeA: true }), float32(2, 3), float32(3, 5)),
    ).toThrow(
      'matmul: [2, 3] times [3, 5] (transposeA: true, transposeB: false): 2 columns on the left, 3 rows on the right',
    );
    expect(() => trace(matmul, float32(3), float32(3, 5))).toThrow(
      'matmul: got [3] and [3, 5]; both need at least 2 axes.',
    );
    expect(() => trace(matmul, float32(2, 2, 3), float32(3, 3, 5))).toThrow(
      'matmul batch axes: shapes [2] and [3] do not broadcast',
    );
    expect(() => trace(matmul, int32(2, 3), int32(3, 2))).toThrow('matmul: got int32');
  });
});
