// First values of parameters. Knows nothing of the layers they belong to.
import type { Random } from '../core/random.js';
import type { Shape } from '../core/shape.js';
import { sizeOf } from '../core/shape.js';
import { TensorData } from '../core/tensor-data.js';

/**
 * Where first values come from, as plain data that a config file can hold:
 * `{ normal: s }` has mean 0 and standard deviation s, `{ uniform: b }` lies in [-b, b);
 * `fan-in-uniform` is uniform with b = 1 / sqrt(inputs), as in PyTorch's linear layer;
 * `xavier-uniform` is uniform with b = sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010, equation 16).
 */
export type Initializer =
  | 'zeros'
  | 'ones'
  | 'fan-in-uniform'
  | 'xavier-uniform'
  | { readonly normal: number }
  | { readonly uniform: number };

function sampler(initializer: Initializer, random: Random, fanIn: number, fanOut: number): () => number {
  if (initializer === 'zeros') return () => 0;
  if (initializer === 'ones') return () => 1;
  if (initializer === 'fan-in-uniform') return sampler({ uniform: fanIn ** -0.5 }, random, fanIn, fanOut);
  if (initializer === 'xavier-uniform')
    return sampler({ uniform: Math.sqrt(6 / (fanIn + fanOut)) }, random, fanIn, fanOut);
  if ('normal' in initializer) return () => initializer.normal * random.normal();
  return () => initializer.uniform * (2 * random.uniform() - 1);
}

/**
 * A new float32 parameter.
 * @param fanIn how many inputs one output sums over; default: the first axis, as in weights [in, out]
 */
export function initialize(
  initializer: Initializer,
  shape: Shape,
  random: Random,
  fanIn = shape[0] ?? 1,
): TensorData {
  const sample = sampler(initializer, random, fanIn, shape.at(-1) ?? 1);
  return new TensorData('float32', shape, Float32Array.from({ length: sizeOf(shape) }, sample));
}
