import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectClose, reference } from '../../test/support/metric-fixtures.js';
import { ConfigError, DataError } from '../core/errors.js';
import { meanNdcg, meanRecallAtK, meanReciprocalRank, ndcg, recallAtK, reciprocalRank } from './ranking.js';

const relevant = new Set(['a', 'b']);

describe('scores of a ranking', () => {
  it('equal those of trec_eval', () => {
    expect(reference.rankings.length).toBeGreaterThan(0);
    for (const { ranked, grades, expected } of reference.rankings) {
      const graded = { ranked, grades: new Map(Object.entries(grades)) };
      const items = Object.keys(grades).filter((item) => (grades[item] ?? 0) > 0);
      const ranking = { ranked, relevant: new Set(items) };
      expectClose(recallAtK(ranking, 5), expected['recall_5']);
      expectClose(reciprocalRank(ranking), expected['recip_rank']);
      expectClose(ndcg(graded), expected['ndcg']);
      expectClose(ndcg(graded, { k: 5 }), expected['ndcg_cut_5']);
      expectClose(ndcg(graded, { gain: 'exponential' }), expected['ndcg_exponential']);
    }
  });

  it('are averaged over the queries', () => {
    const rankings = [
      { ranked: ['a', 'x', 'b'], relevant },
      { ranked: ['x', 'y', 'b'], relevant },
    ];
    expect(meanRecallAtK(rankings, 2)).toBe(1 / 4);
    expect(meanReciprocalRank(rankings)).toBe(2 / 3);
    const grades = new Map([['a', 1]]);
    expect(
      meanNdcg([
        { ranked: ['a'], grades },
        { ranked: ['x'], grades },
      ]),
    ).toBe(1 / 2);
  });

  it('are 1 for the best order and never more', () => {
    const list = fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { minLength: 1 });
    fc.assert(
      fc.property(list, list, (items, ranked) => {
        const grades = new Map(items.map((item) => [item, 1 + (item % 3)]));
        const best = items.toSorted((x, y) => (grades.get(y) ?? 0) - (grades.get(x) ?? 0));
        expect(ndcg({ ranked: best, grades })).toBeCloseTo(1, 12);
        expect(ndcg({ ranked, grades })).toBeLessThanOrEqual(1 + 1e-12);
        expect(recallAtK({ ranked: best, relevant: new Set(items) }, items.length)).toBe(1);
        expect(reciprocalRank({ ranked: best, relevant: new Set(items) })).toBe(1);
      }),
    );
  });

  it('need something relevant, each item once, grades from 0, and a positive k', () => {
    expect(() => reciprocalRank({ ranked: ['a'], relevant: new Set() })).toThrow(DataError);
    expect(() => ndcg({ ranked: ['a'], grades: new Map([['a', 0]]) })).toThrow('Nothing is relevant');
    expect(() => recallAtK({ ranked: ['a', 'a'], relevant }, 1)).toThrow('"a" is ranked twice');
    expect(() =>
      ndcg({
        ranked: ['a'],
        grades: new Map([
          ['a', 1],
          ['b', -1],
        ]),
      }),
    ).toThrow('A grade is -1');
    expect(() => recallAtK({ ranked: ['a'], relevant }, 0)).toThrow(ConfigError);
    expect(() => meanReciprocalRank([])).toThrow('Got no rankings');
  });
});
