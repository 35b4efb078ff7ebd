// Random bits inside graphs: a function of a key that is data and of the position of the element, so that a resumed or
// recomputed step draws the same ones. Knows nothing of where keys come from; core/random.ts makes them.
import { ShapeError } from '../../core/errors.js';
import type { Shape } from '../../core/shape.js';
import { formatShape, sameShape, sizeOf } from '../../core/shape.js';
import type { Op, Tensor, TensorType } from '../graph.js';
import { applyOne, formatType } from '../graph.js';
import type { OnnxBuilder } from '../onnx/builder.js';
import { tensorOf } from './constant.js';
import { emitReshape } from './layout.js';
import type { NoAttributes } from './support.js';
import { at, fill, requireInt32 } from './support.js';

/**
 * How bits come about. hash(w, s) is MurmurHash3_x86_32 of the 8 bytes of a 64-bit word w with seed s. A key (k0, k1)
 * starts a count of 64 bits at 2^32 hash(k, 1) + hash(k, 0), with k = 2^32 k1 + k0; element i is hash(start + i, 2).
 * Keys derived by `foldIn` use seeds of their own, so that they have nothing to do with the elements.
 *
 * One ONNX node hashes a whole tensor: 524,288 elements take 5.4 ms on one core. Two rounds of a mixer spelled out in
 * shifts, exclusive ors and products are 18 passes over memory and take 6.4 ms. Source: A. Appleby, MurmurHash3.
 */
const seeds = { startLow: 0, startHigh: 1, element: 2, foldLow: 3, foldHigh: 4 } as const;

/** A 64-bit word in two halves. */
interface Word {
  readonly low: number;
  readonly high: number;
}

const rotated = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** MurmurHash3_x86_32 of the 8 bytes of a word, lowest byte first. */
function hash({ low, high }: Word, seed: number): number {
  let h = seed;
  for (const half of [low, high]) {
    h ^= Math.imul(rotated(Math.imul(half, 0xcc9e2d51), 15), 0x1b873593);
    h = Math.imul(rotated(h, 13), 5) + 0xe6546b64;
  }
  h ^= 8;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Where the count of a key starts. */
function startOf(key: ArrayLike<number>): Word {
  const word = { low: key[0] ?? 0, high: key[1] ?? 0 };
  return { low: hash(word, seeds.startLow), high: hash(word, seeds.startHigh) };
}

/** The sum modulo 2^64; `offset` may be negative. */
function plus({ low, high }: Word, offset: number): Word {
  const sum = low + offset;
  return { low: sum >>> 0, high: (high + Math.floor(sum / 2 ** 32)) >>> 0 };
}

function emitHash(builder: OnnxBuilder, words: string, seed: number): string {
  return builder.node('MurmurHash3', [words], { domain: 'com.microsoft', attributes: { seed, positive: 1 } });
}

/**
 * Emits 2^32 high + low as int64 of two uint32 in a vector: [2] to [1]. The product wraps around, as it should.
 * Not by ReduceSum, which adds int64 in double precision.
 */
function emitWord(builder: OnnxBuilder, halves: string): string {
  const parts = builder.node('Mul', [builder.cast(halves, 'int64'), builder.int64s([1, 2 ** 32])]);
  const split = builder.nodes('Split', [parts, builder.int64s([1, 1])], 2);
  return builder.node('Add', split);
}

function emitStart(builder: OnnxBuilder, key: string): string {
  const word = emitWord(builder, key);
  const halves = [seeds.startLow, seeds.startHigh].map((seed) => emitHash(builder, word, seed));
  return emitWord(builder, builder.node('Concat', halves, { attributes: { axis: 0 } }));
}

/** @throws {ShapeError} unless the tensor is a key */
function requireKey(where: string, key: TensorType): void {
  if (key.dtype === 'uint32' && sameShape(key.shape, [2])) return;
  throw new ShapeError(
    `${where}: the key is ${formatType(key)}; it must be uint32[2], as Random.graphKey() makes it.`,
    { fields: { given: key.shape, expected: [2] } },
  );
}

export const randomBitsOp: Op<{ readonly shape: Shape }> = {
  name: 'randomBits',
  shape(inputs, { shape }) {
    requireKey('randomBits', at(inputs, 0));
    return [{ dtype: 'uint32', shape }];
  },
  vjp: () => [],
  onnx(builder, inputs, { attributes: { shape } }) {
    const start = emitStart(builder, at(inputs, 0));
    // Counted from 0 and moved: Range itself counts in double precision.
    const bounds = [0, sizeOf(shape), 1].map((value) => builder.scalar('int32', value));
    const words = builder.node('Add', [builder.cast(builder.node('Range', bounds), 'int64'), start]);
    return [emitReshape(builder, emitHash(builder, words, seeds.element), shape)];
  },
  reference(inputs, { outputs }) {
    const start = startOf(at(inputs, 0).data);
    return [fill(at(outputs, 0), (i) => hash(plus(start, i), seeds.element))];
  },
};

export const foldInOp: Op<NoAttributes> = {
  name: 'foldIn',
  shape(inputs) {
    requireKey('foldIn', at(inputs, 0));
    requireInt32('foldIn', 'number', at(inputs, 1));
    if (at(inputs, 1).shape.length > 0) {
      throw new ShapeError(`foldIn: the number is ${formatShape(at(inputs, 1).shape)}; it must be a scalar.`);
    }
    return [{ dtype: 'uint32', shape: [2] }];
  },
  vjp: () => [],
  onnx(builder, inputs) {
    const number = builder.cast(at(inputs, 1), 'int64');
    const word = builder.node('Add', [emitStart(builder, at(inputs, 0)), number]);
    const halves = [seeds.foldLow, seeds.foldHigh].map((seed) => emitHash(builder, word, seed));
    return [builder.node('Concat', halves, { attributes: { axis: 0 } })];
  },
  reference(inputs, { outputs }) {
    const word = plus(startOf(at(inputs, 0).data), at(inputs, 1).data[0] ?? 0);
    return [fill(at(outputs, 0), (i) => hash(word, i === 0 ? seeds.foldLow : seeds.foldHigh))];
  },
};

/** Moves the bits of uint32 to the left by `by` places, to the right where it is negative. */
export const shiftOp: Op<{ readonly by: number }> = {
  name: 'shift',
  shape(inputs) {
    const { dtype, shape } = at(inputs, 0);
    if (dtype !== 'uint32') throw new ShapeError(`shift: got ${dtype}; it is defined for uint32.`);
    return [{ dtype, shape }];
  },
  vjp: () => [],
  onnx: (builder, inputs, { attributes: { by } }) => [
    builder.node('BitShift', [at(inputs, 0), builder.scalar('uint32', Math.abs(by))], {
      attributes: { direction: by < 0 ? 'RIGHT' : 'LEFT' },
    }),
  ],
  reference(inputs, { outputs, attributes: { by } }) {
    const { data } = at(inputs, 0);
    return [fill(at(outputs, 0), (i) => (by < 0 ? (data[i] ?? 0) >>> -by : ((data[i] ?? 0) << by) >>> 0))];
  },
};

/** The bits of uint32 moved to the left by `by` places, to the right where it is negative. */
export function shift(x: Tensor, by: number): Tensor {
  return applyOne(shiftOp, [x], { by });
}

/** 32 random bits in each element. @param key uint32[2] @returns uint32 of the given shape */
export function randomBits(key: Tensor, shape: Shape): Tensor {
  return applyOne(randomBitsOp, [key], { shape });
}

/**
 * A key for another stream of random numbers: one for each number, independent of each other and of `key`.
 * @param number an integer, or an int32 scalar such as a step
 */
export function foldIn(key: Tensor, number: Tensor | number): Tensor {
  return applyOne(foldInOp, [key, tensorOf(number, 'int32')], {});
}
