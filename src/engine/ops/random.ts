// Distributions drawn inside graphs from random bits, and dropout.
import { ConfigError } from '../../core/errors.js';
import type { Shape } from '../../core/shape.js';
import { sizeOf } from '../../core/shape.js';
import type { Tensor } from '../graph.js';
import { mul, sub } from './arithmetic.js';
import { cast } from './cast.js';
import { less } from './comparison.js';
import { full } from './constant.js';
import { broadcastTo, reshape } from './layout.js';
import { randomBits, shift } from './random-bits.js';
import { concat, select, slice } from './slicing.js';
import { cos, log, sin, sqrt } from './unary.js';

/** Numbers in [0, 1), multiples of 2^-24. @param key uint32[2] */
export function uniform(key: Tensor, shape: Shape, dtype: 'float32' | 'float64' = 'float32'): Tensor {
  return mul(cast(shift(randomBits(key, shape), -8), dtype), 2 ** -24);
}

/**
 * Standard normal numbers: both halves of the Box-Muller transform, sqrt(-2 ln(1 - u)) times cos(2 pi v) and sin(2 pi v).
 * @param key uint32[2]
 */
export function normal(key: Tensor, shape: Shape, dtype: 'float32' | 'float64' = 'float32'): Tensor {
  const size = sizeOf(shape);
  const draws = uniform(key, [2, Math.ceil(size / 2)], dtype);
  const radius = sqrt(mul(log(sub(1, select(draws, 0, 0))), -2));
  const angle = mul(select(draws, 0, 1), 2 * Math.PI);
  return reshape(slice(concat([mul(radius, cos(angle)), mul(radius, sin(angle))]), 0, 0, size), shape);
}

/** How finely `bernoulli` divides [0, 1]: it spends 16 bits on an element, and draws two from each hash. */
const probabilitySteps = 2 ** 16;

/** The probability that `bernoulli` really has. */
function rounded(probability: number): number {
  return Math.round(probability * probabilitySteps) / probabilitySteps;
}

/**
 * True with the given probability, which is rounded to a multiple of 2^-16.
 * @param key uint32[2]
 * @returns bool of the given shape
 * @throws {ConfigError} when the probability is not in [0, 1]
 */
export function bernoulli(key: Tensor, shape: Shape, probability: number): Tensor {
  if (!(probability >= 0 && probability <= 1)) {
    throw new ConfigError(`bernoulli: the probability is ${probability}; it must lie in [0, 1].`, {
      fields: { probability },
    });
  }
  const bound = rounded(probability) * 2 ** 32;
  if (bound >= 2 ** 32) return broadcastTo(full(1, 'bool'), shape);
  const size = sizeOf(shape);
  const bits = randomBits(key, [Math.ceil(size / 2)]);
  return reshape(slice(concat([less(bits, bound), less(shift(bits, 16), bound)]), 0, 0, size), shape);
}

/**
 * Sets elements to zero with probability `rate` and divides the others by 1 - rate, so that the mean stays.
 * Its gradient uses the same mask. Rate 0 is the identity.
 * @param key uint32[2]
 * @throws {ConfigError} when the rate is not in [0, 1)
 * Source: Srivastava et al. 2014, with the scaling at training time.
 */
export function dropout(x: Tensor, rate: number, key: Tensor): Tensor {
  if (!(rate >= 0 && rate < 1)) {
    throw new ConfigError(`dropout: the rate is ${rate}; it must be at least 0 and below 1.`, {
      fields: { rate },
    });
  }
  if (rate === 0) return x;
  const kept = Math.max(rounded(1 - rate), 1 / probabilitySteps);
  return mul(x, mul(cast(bernoulli(key, x.shape, kept), x.dtype), 1 / kept));
}
