import { describe, expect, it } from 'vitest';
import type { Program, Runtime, Session } from '../engine/runtime/runtime.js';
import { customGradient } from '../engine/custom-gradient.js';
import type { Tensor } from '../engine/graph.js';
import { add, exp, gather, mul, relu, sum } from '../engine/ops/index.js';
import { ReferenceRuntime } from '../engine/runtime/reference-runtime.js';
import { TensorData } from '../core/tensor-data.js';
import { CheckError, checkAgainstReference, checkClose, checkGradient } from './check-op.js';
import { randomTensor, tensorOf } from './tensors.js';

const reference = new ReferenceRuntime();

/** A runtime that is wrong by a little in the last element of its first output. */
const wrong: Runtime = {
  name: 'wrong',
  traffic: reference.traffic,
  createState: () => reference.createState(),
  dispose: () => reference.dispose(),
  async load(program: Program): Promise<Session> {
    const session = await reference.load(program);
    return {
      dispose: () => session.dispose(),
      async run(state, inputs, options) {
        const [first, ...rest] = await session.run(state, inputs, options);
        if (first === undefined) return rest;
        const data = Float32Array.from(first.data);
        data[data.length - 1] = (data.at(-1) ?? 0) + 0.01;
        return [new TensorData('float32', first.shape, data), ...rest];
      },
    };
  },
};

describe('checkAgainstReference', () => {
  it('accepts what agrees, and names the element that does not', async () => {
    const x = randomTensor([2, 3]);
    await expect(checkAgainstReference(reference, exp, [x])).resolves.toBeUndefined();
    const check = checkAgainstReference(wrong, (a) => ({ twice: add(a, a) }), [x]);
    await expect(check).rejects.toThrow(CheckError);
    await expect(check).rejects.toThrow('wrong: output twice at [1, 2] is');
    await expect(checkAgainstReference(wrong, exp, [x], { tolerance: 0.02 })).resolves.toBeUndefined();
  });
});

describe('checkGradient', () => {
  const table = randomTensor([3, 4]);
  const ids = tensorOf([0, 2, 2], 'int32');

  it('accepts right gradients, of every input that is floating point', () => {
    expect(() => checkGradient((a, i) => mul(gather(a, i), 2), [table, ids])).not.toThrow();
    expect(() => checkGradient((a) => sum(mul(a, a)), [randomTensor([9, 9])])).not.toThrow();
    expect(() => checkGradient((a) => sum(mul(a, 0)), [tensorOf([])])).not.toThrow();
  });

  it('finds a gradient that is wrong, missing or too small in one element', () => {
    const doubled = customGradient(
      (x: Tensor) => exp(x),
      (g, _, y) => [mul(mul(g, y), 2)],
    );
    const missing = customGradient(
      (x: Tensor) => exp(x),
      () => [undefined],
    );
    expect(() => checkGradient(doubled, [table])).toThrow('The gradient of input 0 at [0, 0] is');
    expect(() => checkGradient(missing, [table])).toThrow(CheckError);
    expect(() => checkGradient(doubled, [randomTensor([9, 9])])).toThrow('along a random direction');
    expect(() => checkGradient((a, b) => add(a, doubled(b)), [tensorOf(1), tensorOf(1)])).toThrow('input 1');
  });

  it('finds a kink that a gradient cannot describe', () => {
    expect(() => checkGradient(relu, [tensorOf([0])])).toThrow('finite differences give');
  });
});

describe('checkClose', () => {
  it('compares relative to large values, and NaN with NaN', () => {
    expect(() => checkClose('x', tensorOf([1e6 + 1, NaN]), tensorOf([1e6, NaN]), 1e-5)).not.toThrow();
    expect(() => checkClose('x', tensorOf([1, NaN]), tensorOf([1, 2]), 1e-5)).toThrow(
      'x at [1] is NaN; expected 2',
    );
    expect(() => checkClose('x', tensorOf([[1]]), tensorOf([1]), 1)).toThrow(
      'x is float32[1, 1] with 1 elements; expected float32[1].',
    );
  });
});

describe('tensors for tests', () => {
  it('take their shape from nested lists', () => {
    expect(
      tensorOf([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ).toEqual(new TensorData('float32', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)));
    expect(tensorOf(7, 'int32')).toEqual(new TensorData('int32', [], Int32Array.of(7)));
    expect(tensorOf([]).shape).toEqual([0]);
  });

  it('are random within bounds, and the same for the same seed', () => {
    const bounds = { low: 2, high: 4 };
    const values = Array.from(randomTensor([500], bounds).data);
    expect(values.every((value) => value >= 2 && value < 4)).toBe(true);
    expect(randomTensor([5], { seed: 3 })).toEqual(randomTensor([5], { seed: 3 }));
    expect(new Set(randomTensor([500], { dtype: 'int32', ...bounds }).data)).toEqual(new Set([2, 3]));
    expect(new Set(randomTensor([500], { dtype: 'bool' }).data)).toEqual(new Set([0, 1]));
  });
});
