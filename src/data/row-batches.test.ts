import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { bucketsFor, padRows, RowBatches, rowBatchesOnce, type RowBatch } from './row-batches.js';

const someLengths = fc.array(fc.integer({ min: 0, max: 70 }), { minLength: 1, maxLength: 120 });
const someSize = fc.oneof(
  fc.record({ batchSize: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ maxTokens: fc.integer({ min: 1, max: 300 }) }),
);

function epochOf(batches: RowBatches): RowBatch[] {
  return Array.from({ length: batches.batchesPerEpoch }, () => batches.next());
}

const rowsOf = (batches: readonly RowBatch[]): number[] => batches.flatMap(({ rows }) => rows);
const ascending = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

describe('batches of rows', () => {
  it('have every row once an epoch, each in a batch that it fits into', () => {
    fc.assert(
      fc.property(someLengths, someSize, fc.nat(), (lengths, size, seed) => {
        const buckets = bucketsFor(lengths, size);
        const batches = new RowBatches(lengths, { buckets, random: Random.fromSeed(seed) });
        for (const epoch of [epochOf(batches), epochOf(batches), rowBatchesOnce(lengths, buckets)]) {
          expect(ascending(rowsOf(epoch))).toEqual(lengths.map((_, row) => row));
          for (const { rows, length, batchSize } of epoch) {
            expect(rows.length).toBeLessThanOrEqual(batchSize);
            expect(buckets.batchSizes[buckets.lengths.indexOf(length)]).toBe(batchSize);
            for (const row of rows) expect(lengths[row]).toBeLessThanOrEqual(length);
          }
        }
      }),
    );
  });

  it('have few shapes and no more tokens than allowed', () => {
    fc.assert(
      fc.property(someLengths, fc.integer({ min: 100, max: 400 }), (lengths, maxTokens) => {
        const { lengths: shapes, batchSizes } = bucketsFor(lengths, { maxTokens, count: 4 });
        expect(shapes.length).toBeLessThanOrEqual(4);
        expect(shapes).toEqual(ascending(shapes));
        expect(shapes.every((length) => length % 8 === 0)).toBe(true);
        shapes.forEach((length, i) => expect(length * (batchSizes[i] ?? 0)).toBeLessThanOrEqual(maxTokens));
        expect(shapes.at(-1)).toBe(Math.max(8, Math.ceil(Math.max(...lengths) / 8) * 8));
      }),
    );
  });

  it('go on from a saved position exactly as they would have', () => {
    const lengths = Array.from({ length: 100 }, (_, i) => (i * 37) % 50);
    const buckets = bucketsFor(lengths, { batchSize: 8 });
    const random = Random.fromSeed(3);
    const batches = new RowBatches(lengths, { buckets, random });
    let position = { epoch: 0, index: 0 };
    for (let i = 0; i < 40; i++) {
      const resumed = new RowBatches(lengths, { buckets, random, position });
      const batch = batches.next();
      expect(resumed.next()).toEqual(batch);
      position = batch.after;
    }
    expect(position.epoch).toBeGreaterThan(1);
  });

  it('come in another order each epoch and for each seed', () => {
    const lengths = Array.from({ length: 64 }, () => 5);
    const buckets = bucketsFor(lengths, { batchSize: 4 });
    const first = new RowBatches(lengths, { buckets, random: Random.fromSeed(1) });
    const other = new RowBatches(lengths, { buckets, random: Random.fromSeed(2) });
    const epochs = [epochOf(first), epochOf(first), epochOf(other)].map((epoch) => rowsOf(epoch).join());
    expect(new Set(epochs).size).toBe(3);
  });

  it('leave little padding where lengths differ as in real text', () => {
    const random = Random.fromSeed(5);
    const lengths = Array.from({ length: 5000 }, () => 1 + Math.floor(Math.exp(2.6 + 0.4 * random.normal())));
    const once = rowBatchesOnce(lengths, bucketsFor(lengths, { maxTokens: 2048, count: 8, multiple: 4 }));
    const padded = once.reduce((sum, { length, batchSize }) => sum + length * batchSize, 0);
    const real = lengths.reduce((sum, length) => sum + length, 0);
    expect(real / padded).toBeGreaterThan(0.8);
  });

  it('have the lengths with the least padding of all', () => {
    const few = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(few, fc.integer({ min: 1, max: 3 }), (lengths, count) => {
        const tokens = (shapes: readonly number[]): number =>
          lengths.reduce((sum, length) => sum + (shapes.find((shape) => shape >= length) ?? Infinity), 0);
        const longest = Math.max(...lengths);
        const all = Array.from({ length: 2 ** longest }, (_, set) =>
          Array.from({ length: longest }, (_, i) => i + 1).filter((shape) => (set >> (shape - 1)) & 1),
        );
        const least = Math.min(...all.filter((shapes) => shapes.length <= count).map(tokens));
        expect(tokens(bucketsFor(lengths, { batchSize: 1, count, multiple: 1 }).lengths)).toBe(least);
      }),
      { numRuns: 30 },
    );
  });

  it('are found at once for thousands of lengths', () => {
    const lengths = Array.from({ length: 9000 }, (_, i) => i);
    const buckets = bucketsFor(lengths, { batchSize: 1, count: 3, multiple: 1 });
    expect(buckets.lengths.length).toBe(3);
    expect(buckets.lengths.at(-1)).toBeGreaterThanOrEqual(8999);
  });

  it('become tensors with their lengths', () => {
    const { ids, lengths } = padRows([[5, 6, 7], [], Int32Array.of(8)], { batchSize: 4, length: 3 }, 9);
    expect([ids.dtype, ids.shape, [...ids.data]]).toEqual([
      'int32',
      [4, 3],
      [5, 6, 7, 9, 9, 9, 8, 9, 9, 9, 9, 9],
    ]);
    expect([lengths.shape, [...lengths.data]]).toEqual([[4], [3, 0, 1, 0]]);
    expect(() => padRows([[1, 2]], { batchSize: 1, length: 1 }, 0)).toThrow(DataError);
  });

  it('refuse rows that are too long, no rows, sizes that make no sense, and positions that are not there', () => {
    const buckets = bucketsFor([4, 30], { batchSize: 2, maxLength: 16 });
    const random = Random.fromSeed(0);
    expect(buckets.lengths.at(-1)).toBe(16);
    expect(() => rowBatchesOnce([4, 30], buckets)).toThrow(/Row 2 has 30 tokens, and there is room for 16/);
    expect(() => new RowBatches([], { buckets, random })).toThrow(DataError);
    expect(() => new RowBatches([1], { buckets, random, position: { epoch: 0, index: 5 } })).toThrow(
      /batch 5 of epoch 0/,
    );
    expect(() => bucketsFor([1], {})).toThrow(ConfigError);
    expect(() => bucketsFor([1], { batchSize: 2, maxTokens: 3 })).toThrow(/either/);
  });
});
