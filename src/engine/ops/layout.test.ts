import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { broadcastable, shapeAndAxes, shapes } from '../../../test/support/shapes.js';
import type { DType } from '../../core/dtype.js';
import { broadcastShapes } from '../../core/shape.js';
import { checkAgainstReference, checkGradient } from '../../testing/check-op.js';
import { randomTensor } from '../../testing/tensors.js';
import type { Tensor } from '../graph.js';
import { NodeRuntime } from '../runtime/node.js';
import { float32, trace } from '../trace.js';
import {
  broadcastTo,
  expandDims,
  flip,
  isZeros,
  reshape,
  transpose,
  unbroadcast,
  zerosLike,
} from './layout.js';

const runtime = new NodeRuntime({ threads: 2 });
afterAll(() => runtime.dispose());

const dtypes: readonly DType[] = ['float32', 'int32', 'uint32', 'bool'];

/** A shape, a permutation of its axes and some of its axes. */
const arrangement = shapeAndAxes().chain(([shape, axes]) =>
  fc
    .shuffledSubarray(
      shape.map((_, axis) => axis),
      { minLength: shape.length },
    )
    .map((permutation) => ({ shape, axes, permutation })),
);

/** Traces a function of a [2, 3] tensor. */
const of = (f: (x: Tensor) => Tensor) => (): unknown => trace(f, float32(2, 3));

describe('layout', () => {
  it('arranges elements of every dtype as the reference does', async () => {
    await fc.assert(
      fc.asyncProperty(
        arrangement,
        fc.constantFrom(...dtypes),
        async ({ shape, axes, permutation }, dtype) => {
          const f = (x: Tensor): Tensor[] => [
            transpose(x, permutation),
            flip(x, axes),
            reshape(x, [-1]),
            expandDims(x, axes[0] ?? 0),
            broadcastTo(x, [2, ...shape]),
          ];
          if (!shape.includes(0)) await checkAgainstReference(runtime, f, [randomTensor(shape, { dtype })]);
          else await checkAgainstReference(runtime, f, [randomTensor(shape, { dtype })]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('takes gradients back to where the elements were', () => {
    fc.assert(
      fc.property(arrangement, ({ shape, axes, permutation }) => {
        const f = (x: Tensor): Tensor[] => [
          transpose(x, permutation),
          flip(x, axes),
          broadcastTo(x, [2, ...shape]),
        ];
        checkGradient(f, [randomTensor(shape)]);
      }),
      { numRuns: 20 },
    );
  });

  it('repeats along axes of size 1, and sums their gradients', async () => {
    await fc.assert(
      fc.asyncProperty(broadcastable, async ([left, right]) => {
        const shape = broadcastShapes(left, right, 'test');
        const f = (a: Tensor, b: Tensor): Tensor[] => [
          broadcastTo(a, shape),
          broadcastTo(b, shape),
          unbroadcast(broadcastTo(a, shape), left),
        ];
        const inputs = [randomTensor(left), randomTensor(right, { seed: 2 })];
        await checkAgainstReference(runtime, f, inputs);
        checkGradient(f, inputs);
      }),
      { numRuns: 20 },
    );
  });

  it('leaves tensors alone that have the wanted form already', () => {
    fc.assert(
      fc.property(shapes(2), (shape) => {
        trace(
          (x: Tensor) => {
            expect(reshape(x, shape)).toBe(x);
            expect(broadcastTo(x, shape)).toBe(x);
            expect(transpose(x, [...shape.keys()])).toBe(x);
            return x;
          },
          float32(...shape),
        );
      }),
    );
  });

  it('knows zeros', () => {
    trace(
      (x: Tensor) => {
        expect([zerosLike(x), x].map(isZeros)).toEqual([true, false]);
        return x;
      },
      float32(2, 3),
    );
  });

  it('says which shapes do not fit', () => {
    expect(of((x) => reshape(x, [4, 2]))).toThrow('reshape: [2, 3] has 6 elements; they cannot fill [4, 2].');
    expect(of((x) => reshape(x, [4, -1]))).toThrow(
      'reshape: [2, 3] has 6 elements; they cannot fill [4, -1].',
    );
    expect(of((x) => transpose(x, [0, 0]))).toThrow(
      'transpose: permutation [0, 0] does not name each of the 2 axes of [2, 3] once.',
    );
    expect(of((x) => broadcastTo(x, [2, 4]))).toThrow(
      'broadcastTo: [2, 3] cannot be repeated to [2, 4]; aligned at the last axis, sizes must be equal or 1.',
    );
    expect(of((x) => flip(x, 5))).toThrow('flip: axis 5 does not exist in a tensor of 2 axes');
  });
});
