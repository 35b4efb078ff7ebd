import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosineSimilarity, textRank } from './text-rank.js';

/** Solves the linear system whose fixed point the walk approaches, by Gaussian elimination with pivots. */
function solve(weights: readonly number[][], prior: readonly number[]): number[] {
  const n = prior.length;
  const total = prior.reduce((a, b) => a + b, 0);
  const start = prior.map((value) => value / total);
  // (I - 0.85 M^T) s = 0.15 p, where row i of M is where the walk goes from i.
  const rows = start.map((value, to) => {
    const row = start.map((_, from) => {
      const sum = (weights[from] ?? []).reduce((a, b, j) => a + (j === from ? 0 : b), 0);
      const chance = sum === 0 ? (start[to] ?? 0) : from === to ? 0 : (weights[from]?.[to] ?? 0) / sum;
      return Number(from === to) - 0.85 * chance;
    });
    return row.concat(0.15 * value);
  });
  for (let column = 0; column < n; column++) {
    const pivot = rows
      .slice(column)
      .reduce((best, row) => (Math.abs(row[column] ?? 0) > Math.abs(best[column] ?? 0) ? row : best));
    const at = rows.indexOf(pivot);
    [rows[column], rows[at]] = [pivot, rows[column] ?? []];
    rows.forEach((row, i) => {
      if (i === column) return;
      const factor = (row[column] ?? 0) / (pivot[column] ?? 1);
      row.forEach((_, j) => (row[j] = (row[j] ?? 0) - factor * (pivot[j] ?? 0)));
    });
  }
  return rows.map((row, i) => (row[n] ?? 0) / (row[i] ?? 1));
}

const bag = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.integer({ min: 1, max: 3 }))
  .map((counts) => new Map(Object.entries(counts)));

describe('TextRank', () => {
  it('gives the stationary distribution of the walk', () => {
    const texts = fc.array(fc.record({ terms: bag, prior: fc.double({ min: 0.1, max: 5, noNaN: true }) }), {
      minLength: 1,
      maxLength: 7,
    });
    fc.assert(
      fc.property(texts, (texts) => {
        const similarity = cosineSimilarity(texts.map(({ terms }) => terms));
        const prior = texts.map((text) => text.prior);
        const weights = texts.map((_, i) => texts.map((_, j) => similarity(i, j)));
        const scores = textRank(similarity, prior);
        expect(scores.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 8);
        solve(weights, prior).forEach((score, i) => expect(scores[i]).toBeCloseTo(score, 8));
      }),
    );
  });

  it('compares texts by the cosine of their weighted terms', () => {
    const texts = [
      new Map([['x', 1]]),
      new Map([['x', 2]]),
      new Map([
        ['x', 1],
        ['y', 1],
      ]),
      new Map<string, number>(),
    ];
    const similarity = cosineSimilarity(texts);
    expect(similarity(0, 1)).toBeCloseTo(1, 12);
    // x is in three of four texts, y in one.
    const [x, y] = [Math.log(1 + 4 / 3), Math.log(1 + 4)];
    expect(similarity(0, 2)).toBeCloseTo(x / Math.hypot(x, y), 12);
    expect(similarity(2, 3)).toBe(0);
  });
});
