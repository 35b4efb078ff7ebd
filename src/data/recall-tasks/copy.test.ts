import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../core/random.js';
import { copy, selectiveCopy } from './copy.js';

const sizes = fc
  .record({
    symbols: fc.integer({ min: 1, max: 9 }),
    room: fc.nat(20),
    vocabularySize: fc.integer({ min: 4, max: 20 }),
  })
  .map(({ symbols, room, vocabularySize }) => ({ symbols, vocabularySize, length: 2 * symbols + room }));

for (const [name, make] of [
  ['copy', copy],
  ['selective copy', selectiveCopy],
] as const) {
  describe(name, () => {
    it('asks for the symbols in the order in which they were read, at the places of the questions', () => {
      fc.assert(
        fc.property(sizes, fc.integer(), (options, seed) => {
          const { inputs, targets, distances } = make(options).example(Random.fromSeed(seed));
          const places = [...inputs.keys()].filter((i) => (inputs[i] ?? 0) >= 2);
          const questions = [...inputs.keys()].filter((i) => inputs[i] === 1);
          expect(places).toHaveLength(options.symbols);
          expect([...targets.keys()].filter((i) => targets[i] !== -1)).toEqual(questions);
          expect(questions.map((i) => targets[i])).toEqual(places.map((i) => inputs[i]));
          expect(questions.map((i) => distances[i])).toEqual(questions.map((at, i) => at - (places[i] ?? 0)));
          expect(inputs.every((id) => id >= 0 && id < options.vocabularySize)).toBe(true);
        }),
      );
    });

    it('says which sizes do not fit, and what would', () => {
      expect(() => make({ vocabularySize: 8, length: 7, symbols: 4 })).toThrow(/too short.*at least 8/);
      expect(() => make({ vocabularySize: 3, length: 8, symbols: 4 })).toThrow(
        /fewer than two symbols.*at least 4/,
      );
      expect(() => make({ vocabularySize: 8, length: 8, symbols: 0 })).toThrow(/choose at least 1/);
    });
  });
}

describe('layouts', () => {
  const options = { vocabularySize: 10, length: 20, symbols: 3 };
  const placesOf = (make: typeof copy, seed: number): number[] => {
    const { inputs } = make(options).example(Random.fromSeed(seed));
    return [...inputs.keys()].filter((i) => (inputs[i] ?? 0) >= 2);
  };
  const seeds = Array.from({ length: 400 }, (_, i) => i);

  it('of copy begin with the block and wait for every possible time', () => {
    for (const seed of seeds) expect(placesOf(copy, seed)).toEqual([0, 1, 2]);
    const waits = seeds.map((seed) => copy(options).example(Random.fromSeed(seed)).inputs.indexOf(1));
    expect([...new Set(waits)].sort((a, b) => a - b)).toEqual(Array.from({ length: 15 }, (_, i) => 3 + i));
  });

  it('of selective copy scatter the symbols over everything before the questions', () => {
    const used = new Set(seeds.flatMap((seed) => placesOf(selectiveCopy, seed)));
    expect([...used].sort((a, b) => a - b)).toEqual(Array.from({ length: 17 }, (_, i) => i));
  });
});
