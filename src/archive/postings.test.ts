import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TermIds } from './analysis/term-ids.js';
import { blockSize, decodeBlocks, NewPostings } from './postings.js';

const terms = fc.dictionary(fc.constantFrom('river', 'pot', '河', 'key'), fc.integer({ min: 1, max: 63 }));
const item = fc.record({ ordinal: fc.nat(5 * blockSize), terms, length: fc.nat(0xffff) });
const items = fc.uniqueArray(item, { maxLength: 30, selector: ({ ordinal }) => ordinal });

test('blocks of a term come one after another, and hold what was added', () => {
  const ids = new TermIds();
  fc.assert(
    fc.property(items, (added) => {
      const rising = added.toSorted((a, b) => a.ordinal - b.ordinal);
      const postings = new NewPostings(ids);
      for (const { ordinal, terms, length } of rising)
        postings.add({ ordinal, analysis: { terms: new Map(Object.entries(terms)), length }, extra: ['7'] });
      const rows = [...postings.rows()];
      const runs = rows.filter(({ term }, i) => term !== rows[i - 1]?.term).map(({ term }) => term);
      expect(runs).toHaveLength(new Set(runs).size);
      for (const [name, id] of [...['river', 'pot', '河', 'key'].map((t) => [t, ids.idOf(t)]), ['', '7']]) {
        const blocks = rows
          .filter(({ term }) => term === id)
          .map(({ block, data }) => ({ block, data: Buffer.from(data, 'hex') }));
        const list = decodeBlocks(blocks);
        const expected = rising.filter(({ terms }) => name === '' || terms[name ?? ''] !== undefined);
        expect([...list.ordinals]).toEqual(expected.map(({ ordinal }) => ordinal));
        expect([...list.lengths]).toEqual(expected.map(({ length }) => length));
        expect([...list.frequencies]).toEqual(expected.map(({ terms }) => terms[name ?? ''] ?? 1));
      }
    }),
  );
});
