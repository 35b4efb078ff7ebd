import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paddedLength, planBatches } from './batch-plan.js';

const longest = 512;

/** Batch sizes for so many sequences of one length. */
function sizes(count: number, tokens: number): number[] {
  const lengths = Array.from({ length: count }, () => tokens);
  return planBatches(lengths, longest).map(({ rows }) => rows.length);
}

describe('planBatches', () => {
  it('puts every sequence into one batch, long enough for it, of a size that is compiled', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: longest }), { maxLength: 200 });
    fc.assert(
      fc.property(lengths, (tokens) => {
        const batches = planBatches(tokens, longest);
        const rows = batches.flatMap((batch) => batch.rows);
        expect([...rows].sort((a, b) => a - b)).toEqual(tokens.map((_, row) => row));
        for (const { rows, length } of batches) {
          expect([32, 8, 1]).toContain(rows.length);
          for (const row of rows) expect(paddedLength(tokens[row] ?? 0, longest)).toBe(length);
        }
      }),
    );
  });

  it('takes large batches first, and smaller ones where sequences are long', () => {
    expect(sizes(43, 100)).toEqual([32, 8, 1, 1, 1]);
    expect(sizes(17, 500)).toEqual([8, 8, 1]);
  });

  it('pads to few lengths, and never beyond the longest', () => {
    expect([1, 16, 17, 128, 129, 300].map((tokens) => paddedLength(tokens, 300))).toEqual([
      16, 16, 32, 128, 256, 300,
    ]);
  });
});
