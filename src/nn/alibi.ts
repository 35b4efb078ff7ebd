// ALiBi: scores fall in proportion to distance, at a rate of its own for each head. Knows nothing of attention.
// Source: Press et al. 2022, "Train short, test long", section 3, and the authors' code for head counts that are no power of two.
import type { Tensor } from '../engine/graph.js';
import { mul } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { vector } from '../engine/ops/constant.js';
import { reshape } from '../engine/ops/layout.js';

/**
 * The rate of each head: 2^(-8 i / n) for i = 1 ... n when n is a power of two. Otherwise the rates of the next lower
 * power of two p come first, and then every other rate of 2 p.
 */
export function alibiSlopes(heads: number): readonly number[] {
  const lower = 2 ** Math.floor(Math.log2(heads));
  const slopes = (count: number): number[] =>
    Array.from({ length: count }, (_, i) => 2 ** ((-8 * (i + 1)) / count));
  const between = slopes(2 * lower).filter((_, i) => i % 2 === 0);
  return [...slopes(lower), ...between.slice(0, heads - lower)];
}

/**
 * What is added to scores.
 * @param offsets integers: position of the key minus position of the query. A number that is the same for all keys of a
 *   query may be added: it changes no probability.
 * @returns [heads, ...offsets]
 */
export function alibiBias(offsets: Tensor, heads: number): Tensor {
  const slopes = reshape(vector(alibiSlopes(heads)), [heads, ...offsets.shape.map(() => 1)]);
  return mul(slopes, cast(offsets, 'float32'));
}
