// ALiBi's slopes against the numbers of its paper and of the authors' code.
import { expect, it } from 'vitest';
import { runtimes } from '../../test/support/reproduce.js';
import { evaluateOnce } from '../engine/compile.js';
import { range } from '../engine/ops/constant.js';
import { alibiBias, alibiSlopes } from './alibi.js';

it('halves from head to head with 8 heads, and takes every other slope of twice as many to fill up', () => {
  expect(alibiSlopes(8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((i) => 2 ** -i));
  expect(alibiSlopes(1)).toEqual([2 ** -8]);
  const [first, ...others] = alibiSlopes(12);
  expect(first).toBe(0.5);
  // get_slopes(12) of the authors' code: the slopes of 8 heads, then those of 16 at places 0, 2, 4 and 6.
  others.slice(-4).forEach((slope, i) => expect(Math.log2(slope)).toBeCloseTo(-0.5 - i, 12));
  expect(others).toHaveLength(11);
});

it.each(runtimes)('on $name, multiplies offsets by the slope of each head', async (runtime) => {
  const bias = await evaluateOnce(runtime, () => alibiBias(range(3), 2));
  expect(bias.shape).toEqual([2, 3]);
  expect(Array.from(bias.data)).toEqual([0, 2 ** -4, 2 ** -3, 0, 2 ** -8, 2 ** -7]);
});
