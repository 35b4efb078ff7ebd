import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { broadcastable } from '../../../test/support/shapes.js';
import { checkAgainstReference, checkGradient } from '../../testing/check-op.js';
import { randomTensor, tensorOf } from '../../testing/tensors.js';
import { evaluateOnce } from '../compile.js';
import { grad } from '../grad.js';
import type { Tensor } from '../graph.js';
import { float32, int32, trace } from '../trace.js';
import { NodeRuntime } from '../runtime/node.js';
import { ReferenceRuntime } from '../runtime/reference-runtime.js';
import { add, div, logAddExp, maximum, minimum, mul, pow, sub } from './arithmetic.js';
import { equal, greater, greaterOrEqual, isFinite, less, lessOrEqual, not, or } from './comparison.js';
import { sum } from './reduce.js';
import { where } from './where.js';

const runtime = new NodeRuntime({ threads: 2 });
afterAll(() => runtime.dispose());

const all = (a: Tensor, b: Tensor): Tensor[] =>
  [add, sub, mul, div, pow, maximum, minimum, logAddExp].map((f) => f(a, b));

const comparisons = (a: Tensor, b: Tensor): Tensor[] =>
  [equal, less, lessOrEqual, greater, greaterOrEqual].map((f) => f(a, b));

const ofIntegers = (a: Tensor, b: Tensor): Tensor[] => [
  ...[add, sub, mul, maximum, minimum].map((f) => f(a, b)),
  ...comparisons(a, b),
  where(less(a, b), a, 7),
];

const ofSpecialValues = (a: Tensor, b: Tensor): Tensor[] => [
  ...[add, sub, mul, maximum, minimum].map((f) => f(a, b)),
  ...comparisons(a, b),
  isFinite(a),
  not(or(isFinite(a), isFinite(b))),
  where(isFinite(a), a, b),
];

describe('arithmetic', () => {
  it('broadcasts as the reference does, for any pair of shapes', async () => {
    await fc.assert(
      fc.asyncProperty(broadcastable, fc.nat(), async ([left, right], seed) => {
        const inputs = [
          randomTensor(left, { seed, low: 0.5, high: 2 }),
          randomTensor(right, { seed: seed + 1, low: 0.5, high: 2 }),
        ];
        await checkAgainstReference(runtime, (a, b) => [...all(a, b), ...comparisons(a, b)], inputs);
      }),
      { numRuns: 30 },
    );
  });

  // A fixed seed: elements closer to each other than the step of the differences would disagree.
  it('sums gradients over broadcast axes', () => {
    fc.assert(
      fc.property(broadcastable, fc.nat(), ([left, right], seed) => {
        const inputs = [
          randomTensor(left, { seed, low: 0.5, high: 2 }),
          randomTensor(right, { seed: seed + 1, low: 0.5, high: 2 }),
        ];
        checkGradient(all, inputs);
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  it('calculates with integers', async () => {
    const inputs = [
      randomTensor([7], { dtype: 'int32', low: -9, high: 9 }),
      randomTensor([7], { seed: 2, dtype: 'int32', low: -9, high: 9 }),
    ];
    await expect(checkAgainstReference(runtime, ofIntegers, inputs)).resolves.toBeUndefined();
  });

  it('treats infinity and NaN as the reference does', async () => {
    const special = [NaN, Infinity, -Infinity, 0, -1, 2];
    const a = tensorOf(special.map((x) => special.map(() => x)));
    const b = tensorOf(special.map(() => special));
    await expect(checkAgainstReference(runtime, ofSpecialValues, [a, b])).resolves.toBeUndefined();
  });

  it('differentiates twice', () => {
    const inputs = [
      randomTensor([4], { low: 0.5, high: 2 }),
      randomTensor([4], { seed: 2, low: 0.5, high: 2 }),
    ];
    for (const f of [mul, div, pow, logAddExp]) {
      const gradient = grad(([a, b]: readonly [Tensor, Tensor]) => sum(mul(f(a, b), f(a, b))));
      expect(() => checkGradient((a: Tensor, b: Tensor) => gradient([a, b]), inputs)).not.toThrow();
    }
  });

  it('has the gradients of a power also at zero', async () => {
    const x = tensorOf([0, 0, 0, -2]);
    const exponent = tensorOf([0, 1, 2, 3]);
    const gradient = grad((pair: readonly [Tensor, Tensor]) => sum(pow(...pair)));
    const [ofBase, ofExponent] = await evaluateOnce(
      new ReferenceRuntime(),
      (a, b) => gradient([a, b]),
      x,
      exponent,
    );
    expect(Array.from(ofBase.data)).toEqual([0, 1, 0, 12]);
    expect(Array.from(ofExponent.data)).toEqual([0, 0, 0, -0]);
  });

  it('halves the gradient of a maximum between equal elements', async () => {
    const gradient = grad((pair: readonly [Tensor, Tensor]) => sum(maximum(...pair)));
    const [ofA, ofB] = await evaluateOnce(
      new ReferenceRuntime(),
      (a, b) => gradient([a, b]),
      tensorOf([1, 2, 3]),
      tensorOf([2, 2, 2]),
    );
    expect([ofA, ofB].map(({ data }) => Array.from(data))).toEqual([
      [0, 0.5, 1],
      [1, 0.5, 0],
    ]);
  });

  it('says which shapes and dtypes do not fit', () => {
    expect(() => trace(add, float32(2, 3), float32(2, 4))).toThrow(
      'add: shapes [2, 3] and [2, 4] do not broadcast: axis -1 is 3 in one and 4 in the other; they must be equal, or one of them 1.',
    );
    expect(() => trace(mul, float32(2), int32(2))).toThrow(
      "mul: got float32 and int32; both must have one dtype: use cast(x, 'float32').",
    );
    expect(() => trace(div, int32(2), int32(2))).toThrow(
      "div: got int32; it is defined for floating point: use cast(x, 'float32').",
    );
    expect(() => trace((a: Tensor) => not(a), float32(2))).toThrow(
      'not: got float32; it is defined for bool: compare with greater, equal, ...',
    );
    expect(() => trace((a: Tensor) => where(a, 1, 2), float32(2))).toThrow(
      'where: the condition: got float32; it is defined for bool',
    );
  });
});
