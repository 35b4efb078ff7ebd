// The angles that tell positions apart: position / base^(2 i / width) for pair i of a vector. Sinusoidal and rotary positions share them.
import type { Tensor } from '../engine/graph.js';
import type { TensorLike } from '../engine/ops/constant.js';
import { TensorData } from '../core/tensor-data.js';
import { Tensor as TensorClass } from '../engine/graph.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { constant, range, vector } from '../engine/ops/constant.js';
import { expandDims } from '../engine/ops/layout.js';
import { cos, sin } from '../engine/ops/unary.js';

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
 * @param start known while tracing, or an int32 scalar
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

/**
 * An angle of 60,000 radians has no useful fraction left in float32. So each frequency is taken apart into 8 leading bits,
 * whose product with a position below 2^16 is exact, and a small rest; the sines come from the addition theorem.
 */
function computedAngles(start: Tensor, time: number, frequencies: readonly number[]): Angles {
  const positions = expandDims(cast(add(range(time), start), 'float32'), 1); // [time, 1]
  const leading = frequencies.map(leadingBits);
  const a = mul(positions, vector(leading)); // [time, width / 2]
  const b = mul(positions, vector(frequencies.map((f, i) => f - (leading[i] ?? 0))));
  return {
    sine: add(mul(sin(a), cos(b)), mul(cos(a), sin(b))),
    cosine: sub(mul(cos(a), cos(b)), mul(sin(a), sin(b))),
  };
}

/** A positive number rounded to 8 significant bits. */
function leadingBits(value: number): number {
  const unit = 2 ** (Math.floor(Math.log2(value)) - 7);
  return Math.round(value / unit) * unit;
}
