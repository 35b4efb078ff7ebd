import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { dim, shapeAndAxis } from '../../../test/support/shapes.js';
import type { DType } from '../../core/dtype.js';
import type { Shape } from '../../core/shape.js';
import { checkAgainstReference, checkGradient } from '../../testing/check-op.js';
import { randomTensor } from '../../testing/tensors.js';
import { grad } from '../grad.js';
import type { Tensor } from '../graph.js';
import { NodeRuntime } from '../runtime/node.js';
import { float32, int32, trace } from '../trace.js';
import { mul } from './arithmetic.js';
import { sum } from './reduce.js';
import { concat, pad, select, slice, split, stack } from './slicing.js';

const runtime = new NodeRuntime({ threads: 2 });
afterAll(() => runtime.dispose());

const dtypes: readonly DType[] = ['float32', 'int32', 'uint32', 'bool'];
const resized = (shape: Shape, axis: number, size: number): Shape =>
  shape.map((old, i) => (i === axis ? size : old));

/** Tensors that differ along one axis only. */
const joinable = fc.tuple(shapeAndAxis(), fc.array(dim, { minLength: 1, maxLength: 3 }));

const fromTheEnd = (x: Tensor): Tensor[] => [slice(x, 1, -3, -1), select(x, -1, -2), select(x, 0, 1)];

/** Traces a function of a [2, 3] tensor. */
const of = (f: (x: Tensor) => Tensor | readonly Tensor[]) => (): unknown => trace(f, float32(2, 3));

describe('slicing', () => {
  it('joins, takes apart and pads as the reference does', async () => {
    await fc.assert(
      fc.asyncProperty(joinable, fc.constantFrom(...dtypes), async ([[shape, axis], sizes], dtype) => {
        const f = (...xs: Tensor[]): Tensor[] => {
          const joined = concat(xs, axis);
          const dim = sizes.reduce((a, b) => a + b, 0);
          const widths = joined.shape.map((_, i) => (i === axis ? [1, 2] : [0, i]));
          return [
            joined,
            ...split(joined, sizes, axis),
            pad(joined, widths),
            slice(joined, axis, Math.floor(dim / 2)),
            slice(joined, axis, 0, Math.min(1, dim)),
            stack([joined, joined], axis),
          ];
        };
        const inputs = sizes.map((size, i) => randomTensor(resized(shape, axis, size), { seed: i, dtype }));
        await checkAgainstReference(runtime, f, inputs);
      }),
      { numRuns: 40 },
    );
  });

  it('takes gradients back to where the elements were', () => {
    fc.assert(
      fc.property(joinable, ([[shape, axis], sizes]) => {
        const f = (...xs: Tensor[]): Tensor[] => {
          const joined = concat(xs, axis);
          const widths = joined.shape.map((_, i) => (i === axis ? [1, 2] : [0, i]));
          return [
            joined,
            pad(joined, widths),
            ...split(joined, sizes, axis).slice(1),
            slice(joined, axis, 0),
          ];
        };
        checkGradient(
          f,
          sizes.map((size, i) => randomTensor(resized(shape, axis, size), { seed: i })),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('counts negative positions from the end', async () => {
    const x = randomTensor([3, 5]);
    await expect(checkAgainstReference(runtime, fromTheEnd, [x])).resolves.toBeUndefined();
    expect(() => checkGradient(fromTheEnd, [x])).not.toThrow();
  });

  it('differentiates a split by one concatenation, also when a part is not used', () => {
    const gradient = grad((x: Tensor) => {
      const [a, , c] = split(x, [1, 2, 2]);
      return a && c ? sum(mul(mul(a, a), sum(c, -1, { keepDims: true }))) : sum(x);
    });
    expect(() => checkGradient(gradient, [randomTensor([3, 5])])).not.toThrow();
    const { graph } = trace(gradient, float32(3, 5));
    expect(graph.outputs.map(({ node }) => node.op.name)).toEqual(['concat']);
  });

  it('says what does not fit', () => {
    expect(of((x) => slice(x, 1, 2, 5))).toThrow(
      'slice: axis 1 of [2, 3] has no range 2..5; it must lie in 0..3.',
    );
    expect(of((x) => select(x, 0, 2))).toThrow('slice: axis 0 of [2, 3] has no range 2..3');
    expect(of((x) => split(x, [1, 1]))).toThrow(
      'split: sizes [1, 1] add up to 2, but axis 1 of [2, 3] has 3; they must be equal.',
    );
    expect(of((x) => concat([x, slice(x, 1, 1)], 0))).toThrow(
      'concat: [2, 3] and [2, 2] differ in more than axis 0; all other axes must be equal.',
    );
    expect(of((x) => pad(x, [[1, 0]]))).toThrow(
      'pad: got widths for 1 axes of [2, 3]; give [before, after] >= 0 for each axis.',
    );
    expect(of(() => concat([]))).toThrow('concat: got no tensors; give at least one.');
    expect(of(() => stack([]))).toThrow('concat: got no tensors; give at least one.');
    expect(() => trace((a: Tensor, b: Tensor) => concat([a, b]), float32(2), int32(2))).toThrow(
      'concat: got float32 and int32',
    );
  });
});
