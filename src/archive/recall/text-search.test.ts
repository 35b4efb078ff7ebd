import fc from 'fast-check';
import { expect, test } from 'vitest';
import { neighbourShares } from './context-score.js';
import { searchText } from './text-search.js';

test('the best are those with the largest score of their own and of their neighbours, as by looking at each', () => {
  fc.assert(
    fc.property(fc.array(fc.uniqueArray(fc.nat(60), { maxLength: 40 }), { maxLength: 3 }), (occurrences) => {
      const words = occurrences.map((ordinals, n) => {
        const list = {
          ordinals: Uint32Array.from(ordinals).sort(),
          frequencies: new Uint8Array(ordinals.length).fill(n + 1),
          lengths: new Uint16Array(ordinals.length).fill(8),
        };
        return [n, [list]] as const;
      });
      const scope = {
        scope: 3,
        user: 'ann',
        nextOrdinal: 61,
        indexed: 61,
        settling: 61,
        settledParts: 0,
        recentTerms: 0,
        itemCount: 61,
        totalLength: 488,
      };
      const terms = occurrences.map((_, n) => `term ${n}`);
      const search = searchText(terms, [scope], new Map([[3, new Map(words)]]));
      const own = (ordinal: number): number => search.scoreOf({ scope: 3, ordinal });
      const expected = Array.from({ length: 61 }, (_, ordinal) => ordinal)
        .filter((ordinal) => occurrences.some((ordinals) => ordinals.includes(ordinal)))
        .map((ordinal) => ({
          ordinal,
          score: neighbourShares.reduce(
            (sum, { distance, share }) => sum + share * own(ordinal + distance),
            own(ordinal),
          ),
        }));
      const found = search.best(100);
      expect(new Set(found.map(({ ordinal }) => ordinal))).toEqual(
        new Set(expected.map(({ ordinal }) => ordinal)),
      );
      for (const { ordinal, score } of found)
        expect(score).toBeCloseTo(expected.find((each) => each.ordinal === ordinal)?.score ?? 0, 4);
      const scores = found.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));

      const even = { has: (ordinal: number) => ordinal % 2 === 0 };
      expect(search.bestOf(new Map([[3, even]]), 100)).toEqual(
        expected
          .filter(({ ordinal }) => ordinal % 2 === 0)
          .map(({ ordinal }) => ({ scope: 3, ordinal, score: own(ordinal) }))
          .sort((a, b) => b.score - a.score || b.ordinal - a.ordinal),
      );
      expect(search.bestOf(new Map(), 100)).toEqual([]);
    }),
  );
});
