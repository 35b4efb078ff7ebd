import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { shapes } from '../../../test/support/shapes.js';
import { Random } from '../../core/random.js';
import { TensorData } from '../../core/tensor-data.js';
import { checkAgainstReference, checkGradient } from '../../testing/check-op.js';
import { randomTensor, tensorOf } from '../../testing/tensors.js';
import { compile, evaluateOnce } from '../compile.js';
import { checkpoint } from '../custom-gradient.js';
import { grad } from '../grad.js';
import type { Tensor } from '../graph.js';
import { NodeRuntime } from '../runtime/node.js';
import { ReferenceRuntime } from '../runtime/reference-runtime.js';
import { float32, trace, Type } from '../trace.js';
import { mul } from './arithmetic.js';
import { bernoulli, dropout, normal, uniform } from './random.js';
import { foldIn, randomBits } from './random-bits.js';
import { sum } from './reduce.js';

const runtime = new NodeRuntime({ threads: 2 });
afterAll(() => runtime.dispose());

const keyOf = (low: number, high: number): TensorData =>
  new TensorData('uint32', [2], Uint32Array.of(low, high));
const keyOfSeed = (seed: number): TensorData =>
  new TensorData('uint32', [2], Random.fromSeed(seed).graphKey());
const bits64 = (key: Tensor): Tensor => randomBits(key, [64]);
const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const keyType = new Type('uint32', [2]);

const draw = async (f: (key: Tensor) => Tensor, key = keyOfSeed(1)): Promise<number[]> =>
  Array.from((await evaluateOnce(runtime, f, key)).data);

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Pearson's correlation. For independent values it is normal with standard deviation 1 / sqrt(n). */
function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  const products = a.map((value, i) => (value - meanA) * ((b[i] ?? 0) - meanB));
  const deviation = (values: readonly number[], mean: number): number =>
    Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
  return meanOf(products) / (deviation(a, meanA) * deviation(b, meanB));
}

const onesIn = (value: number): number => value.toString(2).replaceAll('0', '').length;

/** Five standard deviations: a fixed seed passes or fails for good, and a good generator passes. */
const bound = (n: number): number => 5 / Math.sqrt(n);

/** Words that differ in half of their bits: of n times 32 fair bits the mean has a standard deviation of sqrt(8 / n). */
function expectHalf(a: readonly number[], b: readonly number[]): void {
  const ones = a.map((value, i) => onesIn((value ^ (b[i] ?? 0)) >>> 0));
  expect(Math.abs(meanOf(ones) - 16)).toBeLessThan(5 * Math.sqrt(8 / ones.length));
}

describe('random bits', () => {
  it('are the same bit for bit in ONNX Runtime and in the reference, for any key, shape and derived key', async () => {
    await fc.assert(
      fc.asyncProperty(
        word,
        word,
        shapes(),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        async (low, high, shape, number) => {
          const f = (key: Tensor): Tensor[] => [
            randomBits(key, shape),
            foldIn(key, number),
            randomBits(foldIn(key, number), shape),
            uniform(key, shape),
            bernoulli(key, shape, 0.3),
          ];
          await checkAgainstReference(runtime, f, [keyOf(low, high)], { tolerance: 0 });
        },
      ),
      { numRuns: 15 },
    );
  });

  it('are the same for the same key, and others for another key or number', async () => {
    const first = await draw(bits64);
    expect(await draw(bits64)).toEqual(first);
    const others = await Promise.all([
      draw(bits64, keyOfSeed(2)),
      draw((key) => bits64(foldIn(key, 0))),
      draw((key) => bits64(foldIn(key, 1))),
      draw((key) => bits64(foldIn(key, -1))),
    ]);
    expect(new Set([first, ...others].flat()).size).toBe(5 * 64);
  });

  it('change half of their bits with every bit of the key and of the count', async () => {
    const [low, high] = [123456789, 987654321];
    const program = await compile(runtime, (_, key) => ({ outputs: randomBits(key, [256]) }), {
      state: {},
      inputs: keyType,
    });
    const state = await runtime.createState();
    const bits = async (...key: [number, number]): Promise<number[]> =>
      Array.from((await program.run(state, keyOf(...key))).data);
    const base = await bits(low, high);
    for (let bit = 0; bit < 32; bit++) {
      expectHalf(base, await bits((low ^ (1 << bit)) >>> 0, high));
      expectHalf(base, await bits(low, (high ^ (1 << bit)) >>> 0));
    }
    expectHalf(base.slice(1), base.slice(0, -1));
    await program.dispose();
  });

  it('do not correlate between neighbours, keys or derived keys', async () => {
    const n = 50_000;
    const f = (key: Tensor): Tensor => uniform(key, [n]);
    const [first, nextKey, nextSeed, folded, foldedNext] = await Promise.all([
      draw(f, keyOf(7, 7)),
      draw(f, keyOf(8, 7)),
      draw(f, keyOf(7, 8)),
      draw((key) => f(foldIn(key, 0)), keyOf(7, 7)),
      draw((key) => f(foldIn(key, 1)), keyOf(7, 7)),
    ]);
    for (const other of [nextKey, nextSeed, folded, foldedNext]) {
      expect(Math.abs(correlation(first, other))).toBeLessThan(bound(n));
    }
    expect(Math.abs(correlation(folded, foldedNext))).toBeLessThan(bound(n));
    for (const lag of [1, 2, 16, 256]) {
      expect(Math.abs(correlation(first.slice(lag), first.slice(0, -lag)))).toBeLessThan(bound(n - lag));
    }
  });
});

describe('uniform', () => {
  it('fills [0, 1) evenly', async () => {
    const n = 64_000;
    const values = await draw((key) => uniform(key, [n]));
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    const cells = Array.from({ length: 64 }, () => 0);
    for (const value of values) cells[Math.floor(value * 64)] = (cells[Math.floor(value * 64)] ?? 0) + 1;
    // Chi-square with 63 degrees of freedom: 103.4 is the 99.9th percentile.
    expect(cells.reduce((total, cell) => total + (cell - n / 64) ** 2 / (n / 64), 0)).toBeLessThan(103.4);
  });
});

describe('normal', () => {
  it('has the moments of the standard normal distribution', async () => {
    const n = 100_000;
    const values = await draw((key) => normal(key, [n]));
    const moment = (power: number): number => meanOf(values.map((value) => value ** power));
    // Moments 0, 1, 0, 3 with variances 1, 2, 15 and 96 of single terms.
    [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ].forEach(([power = 0, expected = 0, variance = 0]) => {
      expect(Math.abs(moment(power) - expected)).toBeLessThan(5 * Math.sqrt(variance / n));
    });
    const half = n / 2;
    expect(Math.abs(correlation(values.slice(half), values.slice(0, half)))).toBeLessThan(bound(half));
  });

  it('is what the reference draws, for odd and empty shapes too', async () => {
    for (const shape of [[], [0], [3], [3, 5], [2, 0, 3]]) {
      const f = (key: Tensor): Tensor => normal(key, shape);
      await checkAgainstReference(runtime, f, [keyOfSeed(3)], { precision: 'float32' });
    }
  });
});

describe('bernoulli', () => {
  it.each([0, 0.1, 0.5, 0.9, 1])('is true with probability %d', async (probability) => {
    const n = 50_000;
    const values = await draw((key) => bernoulli(key, [n], probability));
    const deviation = Math.sqrt((probability * (1 - probability)) / n);
    expect(Math.abs(meanOf(values) - probability)).toBeLessThanOrEqual(5 * deviation);
    // Both halves come from the same hashes.
    if (deviation > 0) {
      expect(Math.abs(correlation(values.slice(n / 2), values.slice(0, n / 2)))).toBeLessThan(bound(n / 2));
    }
  });

  it('refuses probabilities outside of [0, 1]', () => {
    trace((key: Tensor) => {
      expect(() => bernoulli(key, [3], 1.5)).toThrow(
        'bernoulli: the probability is 1.5; it must lie in [0, 1].',
      );
      return key;
    }, keyType);
  });
});

const dropped = (x: Tensor, key: Tensor): Tensor => dropout(mul(x, x), 0.5, key);

const droppedWithGradient = (x: Tensor, key: Tensor): Tensor[] => [
  dropout(x, 0.5, key),
  grad((a: Tensor) => sum(dropout(a, 0.5, key)))(x),
];

describe('dropout', () => {
  it('keeps the mean and drops the given part', async () => {
    const n = 50_000;
    const x = new TensorData('float32', [n], new Float32Array(n).fill(1));
    const { data } = await evaluateOnce(runtime, (a, key) => dropout(a, 0.2, key), x, keyOfSeed(1));
    const values = Array.from(data);
    // 0.8 is rounded to 52429 / 65536.
    expect(new Set(values)).toEqual(new Set([0, Math.fround(65536 / 52429)]));
    expect(Math.abs(meanOf(values) - 1)).toBeLessThan(5 * Math.sqrt(0.25 / n));
  });

  it('sends the gradient through the same mask', async () => {
    const ones = tensorOf([1, 1, 1, 1, 1, 1, 1, 1, 1]);
    const [value, gradient] = await evaluateOnce(runtime, droppedWithGradient, ones, keyOfSeed(1));
    expect(gradient?.data).toEqual(value?.data);
    expect(new Set(value?.data)).toEqual(new Set([0, 2]));
    expect(() =>
      checkGradient((a: Tensor, key: Tensor) => dropout(a, 0.3, key), [randomTensor([3, 5]), keyOfSeed(1)]),
    ).not.toThrow();
  });

  it('draws the same mask again where a checkpoint computes it again', async () => {
    const inputs = [tensorOf([1, 2, 3, 4, 5, 6, 7, 8]), keyOfSeed(4)] as const;
    const both = await evaluateOnce(
      runtime,
      (x, key) => [dropped, checkpoint(dropped)].map((f) => grad((a: Tensor) => sum(f(a, key)))(x)),
      ...inputs,
    );
    expect(both[1]?.data).toEqual(both[0]?.data);
    expect(new Set(both[0]?.data).has(0)).toBe(true);
  });

  it('is the identity at rate 0, and refuses rates outside of [0, 1)', () => {
    trace(
      (x: Tensor, key: Tensor) => {
        expect(dropout(x, 0, key)).toBe(x);
        for (const rate of [-0.1, 1, NaN]) {
          expect(() => dropout(x, rate, key)).toThrow(
            `dropout: the rate is ${rate}; it must be at least 0 and below 1.`,
          );
        }
        return x;
      },
      float32(3),
      keyType,
    );
  });
});

describe('keys', () => {
  it('must be uint32[2]', async () => {
    expect(() => trace((key: Tensor) => randomBits(key, [3]), float32(2))).toThrow(
      'randomBits: the key is float32[2]; it must be uint32[2], as Random.graphKey() makes it.',
    );
    const same = await evaluateOnce(new ReferenceRuntime(), (key) => foldIn(key, 3), keyOfSeed(1));
    expect(same.shape).toEqual([2]);
  });
});
