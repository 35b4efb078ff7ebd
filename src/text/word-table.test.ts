import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WordTable } from './word-table.js';

const wordOf = (i: number): Uint8Array => new Uint8Array(100).fill(i % 251).fill(i / 251, 50);

describe('a table of words', () => {
  it('numbers distinct words in the order in which they come, and keeps their bytes', () => {
    const word = fc.uint8Array({ max: 3, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 300, size: 'max' }), (words) => {
        const table = new WordTable();
        const indices = new Map<string, number>();
        for (const bytes of words) {
          const key = bytes.join();
          if (!indices.has(key)) indices.set(key, indices.size);
          expect(table.add(Uint8Array.of(9, ...bytes, 9), 1, bytes.length + 1)).toBe(indices.get(key));
        }
        expect(table.size).toBe(indices.size);
        expect(Array.from({ length: table.size }, (_, i) => table.word(i).join())).toEqual([
          ...indices.keys(),
        ]);
      }),
      { numRuns: 20 },
    );
  });

  it('grows past its first buffers', () => {
    const table = new WordTable();
    for (let i = 0; i < 5000; i++) table.add(wordOf(i), 0, 100);
    expect(table.byteLength).toBe(500_000);
    expect(table.word(4321)).toEqual(wordOf(4321));
    expect(table.add(wordOf(77), 0, 100)).toBe(77);
  });
});
