import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../core/random.js';
import { permutation } from './permutation.js';

const all = (size: number, seed: number): number[] =>
  Array.from({ length: size }, (_, i) => i).map(permutation(size, Random.fromSeed(seed)));

describe('permutation', () => {
  it('takes every place exactly once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer(), (size, seed) => {
        expect(new Set(all(size, seed)).size).toBe(size);
        expect(all(size, seed).every((place) => place >= 0 && place < size)).toBe(true);
      }),
    );
  });

  it('is the same for the same seed and another for another', () => {
    expect(all(100, 1)).toEqual(all(100, 1));
    expect(all(100, 1)).not.toEqual(all(100, 2));
  });

  it('sends each element everywhere with the same chance', () => {
    for (const [size, element] of [
      [5, 0],
      [10, 9],
      [10, 4],
    ] as const) {
      const seeds = 5000;
      const counts = Array.from({ length: size }, () => 0);
      for (let seed = 0; seed < seeds; seed++) {
        const place = permutation(size, Random.fromSeed(seed))(element);
        counts[place] = (counts[place] ?? 0) + 1;
      }
      const chiSquare = counts.reduce((sum, count) => sum + (count - seeds / size) ** 2 / (seeds / size), 0);
      // 99.9th percentile of chi-square with 9 degrees of freedom (for 4 it is 18.5).
      expect(chiSquare).toBeLessThan(27.9);
    }
  });

  it('leaves no trace of the order: neighbours end up far apart on average', () => {
    const size = 10_000;
    const places = all(size, 3);
    const distances = places.slice(1).map((place, i) => Math.abs(place - (places[i] ?? 0)));
    // Two uniform draws lie size/3 apart on average, with standard deviation size/sqrt(18); four standard errors.
    const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
    expect(Math.abs(mean - size / 3)).toBeLessThan((4 * size) / Math.sqrt(18 * size));
  });

  it('works for more elements than memory could list', () => {
    const size = 1_000_000_007;
    const place = permutation(size, Random.fromSeed(1));
    const places = Array.from({ length: 20_000 }, (_, i) => place(i * 50_000));
    expect(new Set(places).size).toBe(20_000);
    expect(places.every((value) => Number.isInteger(value) && value >= 0 && value < size)).toBe(true);
  });
});
