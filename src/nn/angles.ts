// The angles that tell positions apart: position / base^(2 i / width) for pair i of a vector. Sinusoidal and rotary positions share them.
import type { Tensor } from '../engine/graph.js';
import type { TensorLike } from '../engine/ops/constant.js';
import { TensorData } from '../core/tensor-data.js';
import { Tensor as TensorClass } from '../engine/graph.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { constant, range } from '../engine/ops/constant.js';
import { gather } from '../engine/ops/indexing.js';
import { shift } from '../engine/ops/random-bits.js';
import { split } from '../engine/ops/slicing.js';

/** Sine and cosine of the angle of each pair at each position, both float32 [time, width / 2]. */
export interface Angles {
  readonly sine: Tensor;
  readonly cosine: Tensor;
}

export interface AngleOptions {
  readonly width: number;
  readonly base: number;
}

/**
 * The angles at positions start, start + 1, ..., start + time - 1.
 * @param start known while tracing, or an int32 scalar that is not negative; or int32 [time]: the position of each
 */
export function anglesAt(start: TensorLike, time: number, { width, base }: AngleOptions): Angles {
  const frequencies = Array.from({ length: width / 2 }, (_, i) => base ** ((-2 * i) / width));
  return start instanceof TensorClass
    ? computedAngles(start, time, frequencies)
    : tabulatedAngles(start, time, frequencies);
}

function tabulatedAngles(start: number, time: number, frequencies: readonly number[]): Angles {
  const angles = Array.from({ length: time }, (_, t) => frequencies.map((f) => (start + t) * f)).flat();
  const table = (of: (angle: number) => number): Tensor =>
    constant(new TensorData('float32', [time, frequencies.length], Float32Array.from(angles, of)));
  return { sine: table(Math.sin), cosine: table(Math.cos) };
}

/** A position is written with four digits of this base, so that there are few angles to tabulate for each digit. */
const digitBits = 8;

/**
 * An angle of 60,000 radians has no useful fraction left in float32. So sines and cosines are tabulated on the host for
 * each value of each digit of a position, and joined by the addition theorem: right to 1e-6 for all of 0 to 2^31 - 1.
 */
function computedAngles(start: Tensor, time: number, frequencies: readonly number[]): Angles {
  const positions = cast(start.shape.length === 0 ? add(range(time), start) : start, 'uint32');
  return digitTables(frequencies)
    .map((table, place) => {
      const leading = shift(positions, 32 - digitBits * (place + 1));
      const digit = cast(shift(leading, digitBits - 32), 'int32');
      const [sine, cosine] = split(gather(constant(table), digit), [frequencies.length, frequencies.length]);
      return { sine, cosine } as Angles; // [time, width / 2] each
    })
    .reduce(sumOfAngles);
}

/** sin(a + b) and cos(a + b) */
function sumOfAngles(a: Angles, b: Angles): Angles {
  return {
    sine: add(mul(a.sine, b.cosine), mul(a.cosine, b.sine)),
    cosine: sub(mul(a.cosine, b.cosine), mul(a.sine, b.sine)),
  };
}

const known = new Map<string, readonly TensorData[]>();

/** For each digit, the lowest first, sines and cosines [2^digitBits, width]. The same data each time, so that graphs share it. */
function digitTables(frequencies: readonly number[]): readonly TensorData[] {
  const key = frequencies.join();
  const tables =
    known.get(key) ?? [0, 1, 2, 3].map((place) => digitTable(frequencies, 2 ** (digitBits * place)));
  known.set(key, tables);
  return tables;
}

function digitTable(frequencies: readonly number[], unit: number): TensorData {
  const rows = Array.from({ length: 2 ** digitBits }, (_, digit) => {
    const angles = frequencies.map((frequency) => digit * unit * frequency);
    return [...angles.map(Math.sin), ...angles.map(Math.cos)];
  });
  const shape = [2 ** digitBits, 2 * frequencies.length];
  return new TensorData('float32', shape, Float32Array.from(rows.flat()));
}
