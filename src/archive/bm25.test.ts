import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bm25Parameters, contribution, scoreItems, scoreOf } from './bm25.js';
import type { PostingList } from './postings.js';

const posting = fc.record({ frequency: fc.integer({ min: 1, max: 63 }), length: fc.nat(0xffff) });
/** Ordinals far apart and side by side, around the borders of what is scored at a time. */
const ordinal = fc.oneof(fc.nat(30_000), fc.constantFrom(0, 31, 32, 8191, 8192, 8193, 16_383, 16_384));
const postings = fc.dictionary(ordinal.map(String), posting, { maxKeys: 40 });
type Postings = Readonly<Record<string, { readonly frequency: number; readonly length: number }>>;

function listOf(found: Postings): PostingList {
  const ordinals = Object.keys(found)
    .map(Number)
    .sort((a, b) => a - b);
  return {
    ordinals: Uint32Array.from(ordinals),
    frequencies: Uint8Array.from(ordinals, (each) => found[each]?.frequency ?? 0),
    lengths: Uint16Array.from(ordinals, (each) => found[each]?.length ?? 0),
  };
}

/** The formula as it stands in Robertson and Zaragoza 2009, equation 3.15, times k1 + 1. */
function textbookWeight(frequency: number, length: number, meanLength: number): number {
  const { k1, b } = bm25Parameters;
  return (frequency * (k1 + 1)) / (k1 * (1 - b + (b * length) / meanLength) + frequency);
}

test('every item is scored by the formula, in rising order, and no other', () => {
  fc.assert(
    fc.property(
      fc.array(postings, { maxLength: 5 }),
      fc.integer({ min: 1, max: 500 }),
      (found, meanLength) => {
        const terms = found.map((each, t) => ({ list: listOf(each), idf: 0.5 + t }));
        const expected = new Map<number, number>();
        for (const [t, each] of found.entries())
          for (const [key, { frequency, length }] of Object.entries(each))
            expected.set(
              Number(key),
              (expected.get(Number(key)) ?? 0) + (0.5 + t) * textbookWeight(frequency, length, meanLength),
            );
        const scored = scoreItems(terms, 30_001, meanLength);
        expect([...scored.ordinals]).toEqual([...expected.keys()].sort((a, b) => a - b));
        for (const [place, score] of expected) {
          expect(scoreOf(scored, place)).toBeCloseTo(score, 4);
          const parts = terms.map((term) => contribution(term, place, meanLength));
          expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(score, 8);
        }
        expect(scoreOf(scored, 29_999.5)).toBe(0);
      },
    ),
  );
});
