import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from './random.js';

const draws = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random.uniform());

describe('Random', () => {
  it('starts every seed and every label at another number, spread over [0, 1)', () => {
    const root = Random.fromSeed(1);
    for (const first of [(i: number) => Random.fromSeed(i), (i: number) => root.split(i)]) {
      const values = Array.from({ length: 4000 }, (_, i) => first(i).uniform());
      expect(new Set(values).size).toBe(4000);
      // Chi-square over 16 cells, 15 degrees of freedom: 37.7 is the 99.9th percentile.
      const cells = Array.from({ length: 16 }, () => 0);
      for (const value of values) cells[Math.floor(value * 16)] = (cells[Math.floor(value * 16)] ?? 0) + 1;
      expect(cells.reduce((sum, cell) => sum + (cell - 250) ** 2 / 250, 0)).toBeLessThan(37.7);
    }
  });

  it('goes on from a saved state, also through JSON', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(20), (seed, before) => {
        const random = Random.fromSeed(seed);
        draws(random, before);
        const saved = JSON.stringify(random.state());
        expect(draws(Random.fromState(JSON.parse(saved)), 5)).toEqual(draws(random, 5));
      }),
    );
  });

  it('splits into the same stream whatever was drawn before', () => {
    const random = Random.fromSeed(3);
    const before = draws(random.split('weights'), 4);
    draws(random, 10);
    expect(draws(random.split('weights'), 4)).toEqual(before);
    expect(draws(random.split('dropout'), 4)).not.toEqual(before);
  });

  it('draws normal numbers of mean 0 and variance 1', () => {
    const random = Random.fromSeed(5);
    const values = Array.from({ length: 20_000 }, () => random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    // Four standard errors: 1/sqrt(n) for the mean, sqrt(2/n) for the variance.
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(20_000));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / 20_000));
  });

  it('shuffles into a permutation, each integer below its bound', () => {
    const random = Random.fromSeed(7);
    expect(random.shuffle(Array.from({ length: 50 }, (_, i) => i)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, i) => i),
    );
    const seen = new Set(Array.from({ length: 300 }, () => random.integer(6)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
