import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Merge, MergeRules } from './merge-rules.js';

/** The definition, word for word: again and again, merge the pair that was learned first, from left to right. */
function mergeByDefinition(word: readonly number[], merges: readonly Merge[]): number[] {
  const tokens = [...word];
  for (;;) {
    const found = merges.find(({ left, right }) =>
      tokens.some((t, i) => t === left && tokens[i + 1] === right),
    );
    if (found === undefined) return tokens;
    const at = tokens.findIndex((t, i) => t === found.left && tokens[i + 1] === found.right);
    tokens.splice(at, 2, found.merged);
  }
}

/** Rules over the ids 0-3 in which every merge makes a new token of two that exist by then. */
const rules = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 12 }).map((draws) => {
  const merges = draws.map(([a, b], i) => ({ left: a % (4 + i), right: b % (4 + i), merged: 4 + i }));
  const lengths = [1, 1, 1, 1];
  for (const { left, right } of merges) lengths.push((lengths[left] ?? 0) + (lengths[right] ?? 0));
  return { merges, lengths };
});

describe('merging a word', () => {
  it.each([
    ['short', 1, 40],
    ['long', 101, 200],
  ])(
    'applies the earliest learned merge first, from left to right: %s words',
    (_name, minLength, maxLength) => {
      fc.assert(
        fc.property(rules, fc.array(fc.nat(3), { minLength, maxLength }), ({ merges, lengths }, word) => {
          const distinct = merges.filter(
            ({ left, right }, i) => merges.findIndex((m) => m.left === left && m.right === right) === i,
          );
          const byteIds = Int32Array.from({ length: 256 }, (_, byte) => (byte < 4 ? byte : -1));
          expect(new MergeRules(distinct, byteIds, lengths).apply(Uint8Array.from(word))).toEqual(
            mergeByDefinition(word, distinct),
          );
        }),
        { numRuns: 200 },
      );
    },
  );
});
