import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vectorsOrSkip } from '../../test/support/metric-fixtures.js';
import { commonLength, commonPositions } from './longest-common-subsequence.js';

interface Vectors {
  readonly lcs: {
    readonly ref: readonly number[];
    readonly candidate: readonly number[];
    readonly length: number;
    readonly lcs: readonly number[];
  };
  readonly union_lcs: {
    readonly ref: readonly number[];
    readonly candidates: readonly (readonly number[])[];
    readonly union: readonly number[];
  };
}

const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 });

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let from = 0;
  return part.every((word) => (from = whole.indexOf(word, from) + 1) > 0);
}

/** All subsequences, by brute force. */
function subsequences(list: readonly string[]): string[][] {
  return Array.from({ length: 2 ** list.length }, (_, mask) => list.filter((_word, i) => (mask >> i) & 1));
}

describe('the longest common subsequence', () => {
  it('is that of the vectors of rouge_score, also united over several candidates', (context) => {
    const vectors = vectorsOrSkip<Vectors>(context, 'rouge_vectors/rouge_vectors.json');
    const { ref, candidate, length, lcs } = vectors.lcs;
    const [target, other] = [ref.map(String), candidate.map(String)];
    expect(commonLength(target, other)).toBe(length);
    expect(commonPositions(target, other).map((position) => ref[position])).toEqual(lcs);

    const union = vectors.union_lcs;
    const positions = union.candidates.flatMap((list) =>
      commonPositions(union.ref.map(String), list.map(String)),
    );
    expect([...new Set(positions)].sort().map((position) => union.ref[position])).toEqual(union.union);
  });

  it('is as long as the longest found by brute force, and lies in both lists', () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        const lengths = subsequences(a)
          .filter((part) => isSubsequence(part, b))
          .map((part) => part.length);
        const positions = commonPositions(a, b);
        expect(positions).toHaveLength(Math.max(...lengths));
        expect(commonLength(a, b)).toBe(positions.length);
        expect(positions).toEqual([...positions].sort((x, y) => x - y));
        expect(
          isSubsequence(
            positions.map((position) => a[position] ?? ''),
            b,
          ),
        ).toBe(true);
      }),
    );
  });
});
