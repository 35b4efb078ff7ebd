import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { broadcastable, shapes } from '../../../test/support/shapes.js';
import { float16Bits } from '../../core/dtype.js';
import { TensorData } from '../../core/tensor-data.js';
import { checkAgainstReference, checkGradient } from '../../testing/check-op.js';
import { randomTensor, tensorOf } from '../../testing/tensors.js';
import { evaluateOnce } from '../compile.js';
import { grad } from '../grad.js';
import type { Tensor } from '../graph.js';
import { NodeRuntime } from '../runtime/node.js';
import { ReferenceRuntime } from '../runtime/reference-runtime.js';
import { mul } from './arithmetic.js';
import { cast } from './cast.js';
import { add, full, vector } from './index.js';
import { sum } from './reduce.js';
import { where } from './where.js';

const runtime = new NodeRuntime({ threads: 2 });
afterAll(() => runtime.dispose());

describe('where', () => {
  it('broadcasts condition and branches, forwards and backwards', async () => {
    await fc.assert(
      fc.asyncProperty(broadcastable, broadcastable, fc.nat(2), async ([left, right], [, scalar], place) => {
        const small = scalar.length === 0 ? scalar : [];
        const triple = [left, right, small];
        const [condition = [], a = [], b = []] = [...triple.slice(place), ...triple.slice(0, place)];
        const inputs = [
          randomTensor(condition, { dtype: 'bool' }),
          randomTensor(a, { seed: 2 }),
          randomTensor(b, { seed: 3 }),
        ];
        await checkAgainstReference(runtime, where, inputs);
        checkGradient(where, inputs);
      }),
      { numRuns: 25 },
    );
  });

  it('keeps NaN of the branch not taken out of the gradient', async () => {
    const gradient = grad((x: Tensor, condition: Tensor) => sum(where(condition, mul(x, 2), 0)));
    const inputs = [tensorOf([NaN, 1]), tensorOf([0, 1], 'bool')] as const;
    const { data } = await evaluateOnce(new ReferenceRuntime(), gradient, ...inputs);
    expect(Array.from(data)).toEqual([0, 2]);
  });
});

const toAll = (x: Tensor): Tensor[] => [
  ...(['float32', 'int32', 'bool'] as const).map((to) => cast(x, to)),
  cast(cast(x, 'float16'), 'float32'),
];

describe('cast', () => {
  it('converts between all dtypes as the reference does', async () => {
    await fc.assert(
      fc.asyncProperty(shapes(), async (shape) => {
        const numbers = randomTensor(shape, { low: -9, high: 9 });

        await checkAgainstReference(runtime, toAll, [numbers], { precision: 'float32' });
        await checkAgainstReference(runtime, toAll, [randomTensor(shape, { dtype: 'int32', low: -3 })]);
        await checkAgainstReference(runtime, toAll, [randomTensor(shape, { dtype: 'bool' })]);
        const words = randomTensor(shape, { dtype: 'uint32', high: 2 ** 32 });
        await checkAgainstReference(runtime, (x: Tensor) => [cast(x, 'float32'), cast(x, 'int32')], [words]);
      }),
      { numRuns: 10 },
    );
  });

  it('rounds to float16 as ONNX Runtime does', async () => {
    const x = tensorOf([0, -0, 1, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 65504, 65520, 1e-7, 6e-8, -Infinity, NaN]);
    const bits = await evaluateOnce(runtime, (a) => cast(a, 'float16'), x);
    expect(Array.from(bits.data)).toEqual(Array.from(x.data, float16Bits));
  });

  it('passes gradients between floating-point dtypes only', () => {
    const x = tensorOf([0.2, 0.4, -0.3]);
    expect(() =>
      checkGradient((a) => [cast(a, 'float64'), cast(cast(a, 'int32'), a.dtype)], [x]),
    ).not.toThrow();
  });
});

describe('constants', () => {
  it('hold float16 as bits', async () => {
    const value = await evaluateOnce(
      runtime,
      (x) => add(x, cast(full(1.5, 'float16'), 'float32')),
      tensorOf(1),
    );
    expect(Array.from(value.data)).toEqual([2.5]);
  });

  it('are the same in the model and in the reference', async () => {
    const check = checkAgainstReference(
      runtime,
      (x) => [add(x, vector([1, 2, 3])), full(7, 'int32', [2]), full(1, 'bool', [0])],
      [tensorOf(1)],
      { precision: 'float32' },
    );
    await expect(check).resolves.toBeUndefined();
    expect(full(2, 'int32', [3]).node.attributes['value']).toEqual(
      new TensorData('int32', [3], Int32Array.of(2, 2, 2)),
    );
  });
});
