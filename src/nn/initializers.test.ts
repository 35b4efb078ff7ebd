import { describe, expect, it } from 'vitest';
import { Random } from '../core/random.js';
import { initialize } from './initializers.js';

const random = (): Random => Random.fromSeed(3);

const meanOf = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;

describe('initialize', () => {
  it('fills with constants', () => {
    expect(Array.from(initialize('zeros', [2, 2], random()).data)).toEqual([0, 0, 0, 0]);
    expect(Array.from(initialize('ones', [3], random()).data)).toEqual([1, 1, 1]);
  });

  it('draws normal numbers with the given standard deviation', () => {
    const values = Array.from(initialize({ normal: 0.5 }, [100, 100], random()).data);
    const average = meanOf(values);
    expect(Math.abs(average)).toBeLessThan(4 * 0.005); // four standard errors
    expect(Math.sqrt(meanOf(values.map((value) => (value - average) ** 2)))).toBeCloseTo(0.5, 1);
  });

  it.each([
    [{ uniform: 0.3 } as const, undefined, 0.3],
    ['fan-in-uniform' as const, undefined, 0.1],
    ['fan-in-uniform' as const, 25, 0.2],
  ])('%j with fan-in %s spreads evenly up to %d', (initializer, fanIn, bound) => {
    const values = Array.from(initialize(initializer, [100, 20], random(), fanIn).data);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(bound);
    for (const share of [-0.9, 0, 0.9]) {
      const below = values.filter((value) => value < share * bound).length / values.length;
      expect(below).toBeCloseTo((1 + share) / 2, 1);
    }
  });

  it('gives the same numbers for the same stream', () => {
    const [a, b] = [random(), random()].map((stream) => initialize({ normal: 1 }, [5], stream));
    expect(a).toEqual(b);
  });
});
