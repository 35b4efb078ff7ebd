import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../core/random.js';
import { distinctIntegers, weightedIndices } from './draws.js';

/** Probability of drawing indices in this order, one after another without replacement. */
function probabilityOf(order: readonly number[], weights: readonly number[]): number {
  let left = weights.reduce((a, b) => a + b, 0);
  let probability = 1;
  for (const index of order) {
    const weight = weights[index] ?? 0;
    probability *= weight / left;
    left -= weight;
  }
  return probability;
}

describe('draws without replacement', () => {
  it('are different integers of the range, as many as asked for', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), fc.nat(39), (seed, size, nat) => {
        const count = nat % (size + 1);
        const drawn = distinctIntegers(Random.fromSeed(seed), count, 5, 5 + size);
        expect(new Set(drawn).size).toBe(count);
        expect(drawn.every((value) => Number.isInteger(value) && value >= 5 && value < 5 + size)).toBe(true);
      }),
    );
  });

  it('draw every integer equally often in every place', () => {
    const draws = 20_000;
    for (const [count, size] of [
      [2, 8],
      [5, 8],
    ] as const) {
      const counts = Array.from({ length: count }, () => Array.from({ length: size }, () => 0));
      for (let i = 0; i < draws; i++)
        distinctIntegers(Random.fromSeed(i), count, 0, size).forEach((value, place) => {
          const row = counts[place] ?? [];
          row[value] = (row[value] ?? 0) + 1;
        });
      const deviation = Math.sqrt((draws / size) * (1 - 1 / size));
      for (const own of counts.flat()) expect(Math.abs(own - draws / size)).toBeLessThan(4.5 * deviation);
    }
  });

  it('with weights come in each order as often as drawing one after another makes them', () => {
    const weights = [1, 0.5, 0.2, 0.1];
    const draws = 40_000;
    const counts = new Map<string, number>();
    for (let i = 0; i < draws; i++) {
      const order = weightedIndices(Random.fromSeed(i), 2, weights).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(12);
    for (const [order, count] of counts) {
      const p = probabilityOf(order.split(',').map(Number), weights);
      expect(Math.abs(count - p * draws), order).toBeLessThan(4.5 * Math.sqrt(p * (1 - p) * draws));
    }
  });
});
