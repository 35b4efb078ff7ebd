import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vectorsOrSkip } from '../../test/support/metric-fixtures.js';
import { ConfigError } from '../core/errors.js';
import { chrf, type ChrfOptions } from './chrf.js';
import { referencesBySegment, scoreCorpus, scoreSegments } from './text-metric.js';

type Corpora = readonly (readonly [
  hypotheses: readonly string[],
  references: readonly string[],
  score: number,
])[];

interface Vectors {
  readonly 'test_chrf.py': {
    readonly EPSILON: number;
    readonly test_sentence_level_chrf: readonly (readonly [string, readonly string[], number])[];
    readonly test_cases: Corpora;
    readonly test_cases_effective_order: Corpora;
    readonly test_cases_keep_whitespace: Corpora;
  };
}

const FILE = 'sacrebleu_vectors/sacrebleu_vectors.json';

describe('chrF on the vectors of sacreBLEU', () => {
  it.for([
    ['test_cases', { beta: 3, epsSmoothing: true }],
    ['test_cases_effective_order', { beta: 3 }],
    ['test_cases_keep_whitespace', { beta: 3, whitespace: true }],
  ] as const)('scores the corpora of %s', ([group, options], context) => {
    const vectors = vectorsOrSkip<Vectors>(context, FILE)['test_chrf.py'];
    for (const [hypotheses, references, expected] of vectors[group]) {
      const { score } = scoreCorpus(chrf(options), hypotheses, referencesBySegment([references]));
      expect(Math.abs(score - expected)).toBeLessThan(vectors.EPSILON);
    }
  });

  it('scores sentences', (context) => {
    const vectors = vectorsOrSkip<Vectors>(context, FILE)['test_chrf.py'];
    for (const [hypothesis, references, expected] of vectors.test_sentence_level_chrf) {
      const [score] = scoreSegments(chrf({ epsSmoothing: true }), [hypothesis], [references]);
      expect(Math.abs((score?.score ?? NaN) - expected)).toBeLessThan(vectors.EPSILON);
    }
  });
});

const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '.', '猫', '😀', '\u3000'), maxLength: 12 });
const options: fc.Arbitrary<ChrfOptions> = fc.record({
  wordOrder: fc.constantFrom(0, 1, 2),
  beta: fc.constantFrom(1, 2, 3),
  lowercase: fc.boolean(),
  whitespace: fc.boolean(),
});

describe('chrF', () => {
  it('of a text with itself is 100', () => {
    fc.assert(
      fc.property(
        text.filter((line) => line.trim() !== ''),
        options,
        (line, settings) => {
          expect(scoreCorpus(chrf(settings), [line], [line]).score).toBeCloseTo(100, 10);
        },
      ),
    );
  });

  it('lies between 0 and 100 and is symmetric where precision and recall count alike', () => {
    fc.assert(
      fc.property(text, text, options, (hypothesis, reference, settings) => {
        const { score } = scoreCorpus(chrf(settings), [hypothesis], [reference]);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100 + 1e-9);
        const even = chrf({ ...settings, beta: 1 });
        const swapped = scoreCorpus(even, [reference], [hypothesis]).score;
        expect(scoreCorpus(even, [hypothesis], [reference]).score).toBeCloseTo(swapped, 10);
      }),
    );
  });

  it('takes the best of several references, whatever their order', () => {
    fc.assert(
      fc.property(
        text,
        fc.array(text, { minLength: 1, maxLength: 4 }),
        options,
        (hypothesis, references, settings) => {
          const metric = chrf(settings);
          const alone = references.map((reference) => scoreCorpus(metric, [hypothesis], [reference]).score);
          expect(scoreCorpus(metric, [hypothesis], [references]).score).toBe(Math.max(...alone));
          expect(scoreCorpus(metric, [hypothesis], [references.toReversed()]).score).toBe(Math.max(...alone));
        },
      ),
    );
  });

  it('counts characters, not UTF-16 units', () => {
    const [statistics] = [chrf({ characterOrder: 1 }).statistics('😀😀', ['😀😁'])];
    expect(statistics).toEqual([2, 2, 1]);
  });

  it('refuses orders and betas out of range', () => {
    expect(() => chrf({ characterOrder: 0 })).toThrow(ConfigError);
    expect(() => chrf({ wordOrder: -1 })).toThrow('wordOrder is -1: an integer of at least 0 is needed.');
    expect(() => chrf({ beta: Number.NaN })).toThrow('beta is NaN');
  });
});
