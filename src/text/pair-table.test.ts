import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PairTable } from './pair-table.js';

describe('a table of pairs', () => {
  it('behaves as a Map with joined keys', () => {
    const id = fc.oneof(fc.nat(4), fc.nat(2 ** 31 - 1));
    fc.assert(
      fc.property(fc.array(fc.tuple(id, id), { maxLength: 200 }), id, id, (pairs, left, right) => {
        const table = new PairTable();
        const map = new Map<string, number>();
        for (const [i, pair] of pairs.entries()) {
          table.set(...pair, i);
          map.set(pair.join(), i);
        }
        for (const pair of pairs) expect(table.get(...pair)).toBe(map.get(pair.join()));
        expect(table.get(left, right)).toBe(map.get(`${left},${right}`) ?? -1);
      }),
    );
  });
});
