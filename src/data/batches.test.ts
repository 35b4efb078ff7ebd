import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../core/errors.js';
import { Random } from '../core/random.js';
import type { Batch, BatchPosition, TrainingBatchOptions } from './batches.js';
import {
  evaluationBatchCount,
  evaluationBatches,
  ignoredTarget,
  streamBatches,
  streamLength,
  TrainingBatches,
} from './batches.js';
import type { BlockOrderName } from './blocks.js';
import { blockOrderNames } from './blocks.js';
import { tokensInMemory } from './tokens.js';

/** Tokens whose id is their position, so that a batch tells where it was read. */
const positions = (count: number) => tokensInMemory(Int32Array.from({ length: count }, (_, i) => i));

/** The numbers of an int32 tensor, row by row. */
function rowsOf({ shape, data }: Batch['inputs']): number[][] {
  const [batch = 0, time = 0] = shape;
  return Array.from({ length: batch }, (_, row) => Array.from(data.slice(row * time, (row + 1) * time)));
}

function trainingOptions(
  order: BlockOrderName,
  sizes: [number, number],
  position?: BatchPosition,
): TrainingBatchOptions {
  const [batchSize, blockLength] = sizes;
  const options = { order, batchSize, blockLength, random: Random.fromSeed(11) };
  return position === undefined ? options : { ...options, position };
}

/** The first token of each of the next `blocks` blocks. */
async function startsOf(batches: TrainingBatches, blocks: number): Promise<number[]> {
  const starts: number[] = [];
  while (starts.length < blocks)
    starts.push(...rowsOf((await batches.next()).inputs).map((row) => row[0] ?? -1));
  return starts.slice(0, blocks);
}

describe.each(blockOrderNames)('training batches in %s order', (order) => {
  const build = (count: number) => new TrainingBatches(positions(count), trainingOptions(order, [1, 8]));

  it('pair each input with the token that follows it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(40),
        async (batchSize, blockLength, extra) => {
          const tokens = positions(batchSize * blockLength + 1 + extra);
          const batch = await new TrainingBatches(
            tokens,
            trainingOptions(order, [batchSize, blockLength]),
          ).next();
          expect(batch.inputs).toMatchObject({ dtype: 'int32', shape: [batchSize, blockLength] });
          expect(batch.targetCount).toBe(batchSize * blockLength);
          for (const [row, inputs] of rowsOf(batch.inputs).entries()) {
            expect(inputs).toEqual(inputs.map((_, t) => (inputs[0] ?? 0) + t));
            expect(rowsOf(batch.targets)[row]).toEqual(inputs.map((position) => position + 1));
          }
        },
      ),
    );
  });

  it('go on after any batch exactly as if never interrupted, also through JSON', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 17, max: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(25),
        async (count, batchSize, blockLength, stop) => {
          const sizes: [number, number] = [batchSize, blockLength];
          const whole = new TrainingBatches(positions(count), trainingOptions(order, sizes));
          let saved: BatchPosition = { epoch: 0, index: 0 };
          for (let i = 0; i < stop; i++) saved = JSON.parse(JSON.stringify((await whole.next()).after));
          const resumed = new TrainingBatches(positions(count), trainingOptions(order, sizes, saved));
          for (let i = 0; i < 5; i++) expect(await resumed.next()).toEqual(await whole.next());
        },
      ),
    );
  });

  it('may be asked for ahead of their use', async () => {
    const one = new TrainingBatches(positions(50), trainingOptions(order, [3, 4]));
    const other = new TrainingBatches(positions(50), trainingOptions(order, [3, 4]));
    const ahead = await Promise.all([one.next(), one.next(), one.next()]);
    expect(ahead).toEqual([await other.next(), await other.next(), await other.next()]);
  });

  it('need one block and its last target', async () => {
    expect(await startsOf(build(9), 3)).toEqual([0, 0, 0]);
    expect(() => build(8)).toThrow(DataError);
    expect(() => build(8)).toThrow(
      'The text has 8 tokens, and a block of length 8 needs 9 (its last target is one further). Give more text, or use a block length of at most 7.',
    );
    expect(() => build(1)).toThrow(/needs 9 .* Give more text\.$/);
  });

  it('refuse a position that their data does not have', () => {
    const options = trainingOptions(order, [1, 8], { epoch: 2, index: 400 });
    expect(() => new TrainingBatches(positions(100), options)).toThrow(
      /block 400 of epoch 2.*only 1[12] blocks/,
    );
  });

  it('count the epochs', async () => {
    const batches = new TrainingBatches(positions(101), trainingOptions(order, [2, 10]));
    const epochs: number[] = [];
    for (let i = 0; i < 20; i++) epochs.push((await batches.next()).epoch);
    expect(epochs[0]).toBe(0);
    expect(epochs).toEqual([...epochs].sort((a, b) => a - b));
    expect(epochs.at(-1)).toBeGreaterThan(3);
  });
});

describe('training batches', () => {
  it.each(['shuffled', 'random'] as const)('are in another %s order for another seed', async (order) => {
    const sequences = [1, 2].map((seed) => {
      const options = { ...trainingOptions(order, [4, 4]), random: Random.fromSeed(seed) };
      return startsOf(new TrainingBatches(positions(500), options), 40);
    });
    expect(await sequences[0]).not.toEqual(await sequences[1]);
  });
});

describe('the shuffled order', () => {
  it('visits non-overlapping blocks once an epoch, and all that fit behind a first token drawn anew', async () => {
    const [count, length] = [200, 7];
    const batches = new TrainingBatches(positions(count), trainingOptions('shuffled', [1, length]));
    const epochs = new Map<number, number[]>();
    let batch = await batches.next();
    while (batch.epoch < 30) {
      const epoch = Math.floor(batch.epoch);
      epochs.set(epoch, [...(epochs.get(epoch) ?? []), rowsOf(batch.inputs)[0]?.[0] ?? -1]);
      batch = await batches.next();
    }
    const phases = new Set<number>();
    for (const starts of epochs.values()) {
      const inOrder = [...starts].sort((a, b) => a - b);
      const phase = inOrder[0] ?? -1;
      phases.add(phase);
      expect(phase).toBeLessThan(length);
      expect(inOrder).toEqual(
        Array.from({ length: Math.floor((count - 1 - phase) / length) }, (_, k) => phase + k * length),
      );
      expect(starts).not.toEqual(inOrder);
    }
    expect(epochs.size).toBe(30);
    expect(phases.size).toBe(length);
  });
});

describe('the random order', () => {
  it('starts blocks anywhere that leaves room for the last target, each place with the same chance', async () => {
    const [count, length, draws] = [14, 4, 6000];
    const starts = await startsOf(
      new TrainingBatches(positions(count), trainingOptions('random', [8, length])),
      draws,
    );
    // Places 0..9, as torch.randint(len(data) - block_size) gives in nanoGPT.
    const counts = Array.from({ length: 10 }, (_, place) => starts.filter((start) => start === place).length);
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(draws);
    // 99.9th percentile of chi-square with 9 degrees of freedom.
    expect(counts.reduce((sum, n) => sum + (n - draws / 10) ** 2 / (draws / 10), 0)).toBeLessThan(27.9);
  });
});

describe('the sequential order', () => {
  it('lets each row walk through a stretch of its own, from its beginning in every epoch', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(20),
        async (rows, length, steps, extra) => {
          const count = rows * length * steps + 1 + (extra % (rows * length));
          const batches = new TrainingBatches(
            positions(count),
            trainingOptions('sequential', [rows, length]),
          );
          for (const epoch of [0, 1]) {
            const walked: number[][] = Array.from({ length: rows }, () => []);
            for (let step = 0; step < steps; step++) {
              const batch = await batches.next();
              expect(batch.epoch).toBe(epoch + step / steps);
              expect(batch.beginsEpoch).toBe(step === 0);
              rowsOf(batch.inputs).forEach((inputs, row) => walked[row]?.push(...inputs));
            }
            const stretch = Array.from({ length: steps * length }, (_, i) => i);
            expect(walked).toEqual(walked.map((_, row) => stretch.map((i) => row * steps * length + i)));
          }
        },
      ),
    );
  });

  it('needs a block for each row', () => {
    const build = () => new TrainingBatches(positions(40), trainingOptions('sequential', [4, 10]));
    expect(build).toThrow(
      'The text has 40 tokens, and a block of length 10 for each of 4 rows needs 41 (its last target is one further). Give more text, or use a block length of at most 9.',
    );
  });
});

describe('stream batches', () => {
  it('take the same targets, each row on its own stretch of the text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 120 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 12 }),
        async (count, batchSize, blockLength) => {
          const walked: number[][] = Array.from({ length: batchSize }, () => []);
          for await (const { inputs, targets } of streamBatches(positions(count), {
            batchSize,
            blockLength,
          })) {
            const given = rowsOf(inputs);
            rowsOf(targets).forEach((row, r) => {
              const counted = row.filter((target) => target !== ignoredTarget);
              expect(given[r]?.slice(0, counted.length)).toEqual(counted.map((target) => target - 1));
              walked[r]?.push(...counted);
            });
          }
          expect(walked.flat()).toEqual(Array.from({ length: count - 1 }, (_, i) => i + 1));
          const length = streamLength(count, { batchSize, blockLength });
          expect(Math.max(...walked.map((row) => row.length))).toBeLessThanOrEqual(length);
        },
      ),
    );
  });
});

describe('evaluation batches', () => {
  it('take every token but the first as a target exactly once, in order, in equal shapes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 120 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 12 }),
        async (count, batchSize, blockLength) => {
          const targets: number[] = [];
          let [batches, targetCount] = [0, 0];
          for await (const batch of evaluationBatches(positions(count), { batchSize, blockLength })) {
            expect(batch.inputs.shape).toEqual([batchSize, blockLength]);
            expect(batch.targets.shape).toEqual([batchSize, blockLength]);
            const inputs = rowsOf(batch.inputs).flat();
            for (const [i, target] of rowsOf(batch.targets).flat().entries()) {
              expect(inputs[i]).toBe(target === ignoredTarget ? 0 : target - 1);
              if (target !== ignoredTarget) targets.push(target);
            }
            targetCount += batch.targetCount;
            batches++;
          }
          expect(targets).toEqual(Array.from({ length: count - 1 }, (_, i) => i + 1));
          expect(targetCount).toBe(count - 1);
          expect(batches).toBe(evaluationBatchCount(count, { batchSize, blockLength }));
        },
      ),
    );
  });

  it.each([0, 1])('need two tokens, and got %d', async (count) => {
    const batches = evaluationBatches(positions(count), { batchSize: 2, blockLength: 4 });
    await expect(batches.next()).rejects.toThrow(DataError);
  });
});
