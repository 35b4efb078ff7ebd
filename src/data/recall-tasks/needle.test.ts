import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecallExample } from './recall-task.js';
import { Random } from '../../core/random.js';
import { mostNeedles, needle, needleAlphabet } from './needle.js';

const text = 'It was the best of times, it was the worst of times. '.repeat(20);
const alphabet = [...new Set(text + needleAlphabet)];
const encode = (sentence: string): Int32Array =>
  Int32Array.from([...sentence], (character) => alphabet.indexOf(character));
const decode = (ids: Int32Array): string => Array.from(ids, (id) => alphabet[id]).join('');

const fits = { vocabularySize: alphabet.length, length: 320, haystack: encode(text), encode };

/** What is asked for, and the answer, as text. */
function questionOf({ inputs, targets }: RecallExample): { read: string; question: string; answer: string } {
  const first = targets.findIndex((target) => target !== -1);
  const answer = targets.filter((target) => target !== -1);
  const read = decode(inputs.slice(0, first + 1));
  const question = read.slice(read.lastIndexOf(' The number of'));
  return { read, question, answer: decode(answer) };
}

describe('a needle in a haystack', () => {
  it('asks for the number that a sentence of the text tells', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: mostNeedles }), (seed, needles) => {
        const example = needle({ ...fits, needles }).example(Random.fromSeed(seed));
        const { read, question, answer } = questionOf(example);
        expect(question).toMatch(/^ The number of [A-Z][a-z]+ is $/);
        expect(read.slice(0, -question.length)).toContain(`${question}${answer}.`);
        expect(read.match(/ The number of/g)).toHaveLength(needles + 1);
        expect(answer).toMatch(/^\d{4}$/);
        expect(example.inputs).toHaveLength(320);
      }),
      { numRuns: 50 },
    );
  });

  it('leaves the text as it is around the needle', () => {
    const { read, question, answer } = questionOf(needle(fits).example(Random.fromSeed(4)));
    const without = read.slice(0, -question.length).replace(`${question}${answer}.`, '');
    expect(text).toContain(without);
  });

  it('knows how far each token of the answer lies back', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { inputs, targets, distances } = needle({ ...fits, needles: 3 }).example(Random.fromSeed(seed));
      const asked = [...targets.keys()].filter((i) => targets[i] !== -1);
      expect(asked).toHaveLength(4);
      for (const i of asked) expect(inputs[i - (distances[i] ?? 0)]).toBe(targets[i]);
      expect(new Set(asked.map((i) => distances[i])).size).toBe(1);
    }
  });

  it('hides the needle at the depth that it is told', () => {
    const at = (depth: number): number => {
      const { read, question, answer } = questionOf(needle({ ...fits, depth }).example(Random.fromSeed(1)));
      return read.indexOf(`${question}${answer}`) / (read.length - 2 * question.length - 5);
    };
    for (const depth of [0, 0.25, 0.5, 1]) expect(at(depth)).toBeCloseTo(depth, 2);
  });

  it('makes examples of each length, padded behind the answer', () => {
    const lengths = [64, 200, 320];
    const task = needle({ ...fits, lengths });
    const ends = Array.from({ length: 40 }, (_, seed) => {
      const { targets } = task.example(Random.fromSeed(seed));
      return targets.findLastIndex((target) => target !== -1) + 1;
    });
    expect([...new Set(ends)].sort((a, b) => a - b)).toEqual(lengths);
  });

  it('says what does not fit', () => {
    const make = (change: object) => () => needle({ ...fits, ...change });
    expect(make({ lengths: [30] })).toThrow(/length 30 is too short for 1 needles.*at least/);
    expect(make({ lengths: [400] })).toThrow(/400 tokens does not fit into 320/);
    expect(make({ depth: 1.5 })).toThrow(/depth 1.5 is outside/);
    expect(make({ needles: 9 })).toThrow(/choose 1 to 8/);
    expect(make({ haystack: encode(text.slice(0, 100)) })).toThrow(/text has 100 tokens.*up to 320/);
  });
});
