import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecallExample } from './recall-task.js';
import { Random } from '../../core/random.js';
import { associativeRecall } from './associative-recall.js';
import { recallBatch } from './recall-task.js';

interface Sizes {
  readonly vocabularySize: number;
  readonly length: number;
  readonly pairs: number;
  readonly updates: number;
}

const sizes: fc.Arbitrary<Sizes> = fc
  .record({ pairs: fc.integer({ min: 1, max: 9 }), updates: fc.nat(9), room: fc.nat(20), more: fc.nat(50) })
  .map(({ pairs, updates: wanted, room, more }) => {
    const updates = wanted % (pairs + 1);
    const vocabularySize = 2 * (pairs + Math.max(1, updates)) + more;
    return { pairs, updates, vocabularySize, length: 4 * pairs + 2 * updates + 2 * room };
  });

/** What a reader with a perfect memory answers: the value that followed a key when the pair was last read. */
function solve({ inputs }: RecallExample, pairs: number): { targets: number[]; distances: number[] } {
  const last = new Map<number, { value: number; at: number }>();
  for (let i = 0; i < pairs; i++)
    last.set(inputs[2 * i] ?? 0, { value: inputs[2 * i + 1] ?? 0, at: 2 * i + 1 });
  const targets = Array.from(inputs, () => -1);
  const distances = Array.from(inputs, () => 0);
  for (let at = 2 * pairs; at < inputs.length; at++) {
    const found = last.get(inputs[at] ?? 0);
    if (found === undefined) continue;
    targets[at] = found.value;
    distances[at] = at - found.at;
  }
  return { targets, distances };
}

describe('associative recall', () => {
  it('asks for every key once, for the value that it was given last', () => {
    fc.assert(
      fc.property(sizes, fc.integer(), (options, seed) => {
        const example = associativeRecall({ ...options, filler: 'zero' }).example(Random.fromSeed(seed));
        const { targets, distances } = solve(example, options.pairs + options.updates);
        expect([...example.targets]).toEqual(targets);
        expect([...example.distances]).toEqual(distances);
        expect(targets.filter((target) => target >= 0)).toHaveLength(options.pairs);
      }),
    );
  });

  it('takes keys from the lower half of the vocabulary and values from the upper, without repeating any', () => {
    fc.assert(
      fc.property(sizes, fc.integer(), (options, seed) => {
        const { inputs } = associativeRecall(options).example(Random.fromSeed(seed));
        const { pairs, updates, vocabularySize } = options;
        const context = Array.from(inputs.slice(0, 2 * (pairs + updates)));
        const keys = context.filter((_, i) => i % 2 === 0);
        const values = context.filter((_, i) => i % 2 === 1);
        const half = Math.floor(vocabularySize / 2);
        expect(keys.every((key) => key >= 1 && key < half)).toBe(true);
        expect(values.every((value) => value >= half && value < vocabularySize)).toBe(true);
        expect(new Set(keys.slice(0, pairs)).size).toBe(pairs);
        expect(new Set(keys.slice(pairs)).size).toBe(updates);
        expect(new Set(values).size).toBe(pairs + updates);
      }),
    );
  });

  it('differs with random filler only where nothing is asked', () => {
    const options = { vocabularySize: 64, length: 48, pairs: 6, updates: 3 };
    const zero = associativeRecall({ ...options, filler: 'zero' }).example(Random.fromSeed(3));
    const random = associativeRecall(options).example(Random.fromSeed(3));
    expect(random.targets).toEqual(zero.targets);
    zero.inputs.forEach((id, i) => {
      if (id !== 0) expect(random.inputs[i]).toBe(id);
    });
    expect(new Set(random.inputs).size).toBeGreaterThan(new Set(zero.inputs).size);
  });

  it('has the layout of the example in the reference code', () => {
    const { inputs, targets } = associativeRecall({
      vocabularySize: 12,
      length: 16,
      pairs: 2,
      filler: 'zero',
    }).example(Random.fromSeed(1));
    expect(inputs.slice(0, 4).every((id) => id > 0)).toBe(true);
    const asked = [...targets.keys()].filter((i) => (targets[i] ?? -1) >= 0);
    expect(asked.every((i) => i >= 4 && i % 2 === 0)).toBe(true);
    for (const i of asked) {
      const pair = [0, 2].find((at) => inputs[at] === inputs[i]) ?? -1;
      expect(targets[i]).toBe(inputs[pair + 1]);
    }
    expect([...inputs.keys()].filter((i) => i >= 4 && inputs[i] !== 0)).toEqual(asked);
  });

  describe('asks at the places where NumPy draws them', () => {
    interface Case {
      readonly length: number;
      readonly pairs: number;
      readonly power: number;
      readonly examples: number;
      /** [keys][gaps] */
      readonly counts: readonly (readonly number[])[];
    }
    const file = new URL('../../../test/fixtures/recall/gaps.json', import.meta.url);
    const cases = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Case>;
    for (const [name, { length, pairs, power, examples, counts }] of Object.entries(cases)) {
      it(`with the power of the case "${name}"`, () => {
        const own = 20_000;
        const task = associativeRecall({ vocabularySize: 64, length, pairs, power, filler: 'zero' });
        const drawn = counts.map((row) => row.map(() => 0));
        const random = Random.fromSeed(11);
        for (let i = 0; i < own; i++) {
          const { inputs } = task.example(random);
          for (let gap = 0; gap < (length - 2 * pairs) / 2; gap++) {
            const id = inputs[2 * pairs + 2 * gap] ?? 0;
            if (id === 0) continue;
            const row = drawn[inputs.indexOf(id) / 2] ?? [];
            row[gap] = (row[gap] ?? 0) + 1;
          }
        }
        counts.forEach((row, key) =>
          row.forEach((count, gap) => {
            const p = count / examples;
            const deviation = Math.sqrt(p * (1 - p) * (1 / own + 1 / examples));
            const difference = Math.abs((drawn[key]?.[gap] ?? 0) / own - p);
            expect(difference, `key ${key}, gap ${gap}`).toBeLessThan(4.5 * deviation);
          }),
        );
      });
    }
  });

  it('is the same for the same seed, and a larger batch begins like a smaller one', () => {
    const task = associativeRecall({ vocabularySize: 64, length: 32, pairs: 4 });
    const [small, large, other] = [
      recallBatch(task, 2, Random.fromSeed(1)),
      recallBatch(task, 3, Random.fromSeed(1)),
      recallBatch(task, 3, Random.fromSeed(2)),
    ];
    for (const name of ['inputs', 'targets', 'distances'] as const)
      expect(large[name].data.slice(0, 64)).toEqual(small[name].data);
    expect(large.inputs.shape).toEqual([3, 32]);
    expect(large.targetCount).toBe(12);
    expect(other.inputs.data).not.toEqual(large.inputs.data);
  });

  it('says which sizes do not fit, and what would', () => {
    const fits = { vocabularySize: 64, length: 64, pairs: 8 };
    const make = (change: object) => () => associativeRecall({ ...fits, ...change });
    expect(make({ length: 31 })).toThrow(/length 31 is odd/);
    expect(make({ length: 30 })).toThrow(/too short for 8 pairs.*at least 32/);
    expect(make({ vocabularySize: 16 })).toThrow(/too few keys or values.*at least 18/);
    expect(make({ updates: 9 })).toThrow(/9 updates of 8 pairs/);
    expect(make({ pairs: 0 })).toThrow(/choose at least 1/);
  });
});
