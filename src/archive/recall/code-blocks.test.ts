import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../core/random.js';
import { anyWeight, CodeBlocks, codeQuery } from './code-blocks.js';

interface Row {
  readonly row: number;
  readonly different: number;
  readonly weight: number;
}

test('rows are selected by the signs that differ and by the weight of those that are set, as brute force does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 700 }),
      fc.integer({ min: 1, max: 256 }),
      fc.integer(),
      (dimension, count, seed) => {
        const random = Random.fromSeed(seed);
        const memory = new CodeBlocks(dimension);
        const block = memory.lend();
        const codes = Array.from({ length: count }, () =>
          Int8Array.from({ length: dimension }, () => random.integer(256) - 128),
        );
        for (const [row, code] of codes.entries()) memory.write(block, row, code);
        const question = Float32Array.from({ length: dimension }, () => random.normal());
        const peak = Math.max(...question.map(Math.abs));
        // In four bits.
        const rounded = question.map((value) => Math.round((7 * value) / peak));
        const expected = codes.map((code, row): Row => {
          const isSet = Array.from(code, (value) => value > 0);
          return {
            row,
            different: isSet.filter((set, i) => set !== (question[i] ?? 0) > 0).length,
            weight: isSet.reduce((sum, set, i) => sum + (set ? (rounded[i] ?? 0) : 0), 0),
          };
        });

        memory.ask(codeQuery(question));
        const selected = (different: number, weight: number): (readonly [row: number, weight: number])[] => {
          const found: [number, number][] = [];
          memory.select({ block, count }, { different, weight }, (row, sum) => found.push([row, sum]));
          return found;
        };
        const among = (keep: (row: Row) => boolean): (readonly [row: number, weight: number])[] =>
          expected.filter(keep).map(({ row, weight }) => [row, weight]);
        const { different: bits = 0, weight: least = 0 } = expected[random.integer(count)] ?? {};
        expect(selected(dimension, anyWeight)).toEqual(among(() => true));
        expect(selected(bits, anyWeight)).toEqual(among(({ different }) => different <= bits));
        expect(selected(bits, least)).toEqual(
          among(({ different, weight }) => different <= bits && weight >= least),
        );
        expect([...memory.differences({ block, count })]).toEqual(expected.map(({ different }) => different));
      },
    ),
    { numRuns: 60 },
  );
});
