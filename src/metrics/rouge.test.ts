import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vectorsOrSkip } from '../../test/support/metric-fixtures.js';
import { ConfigError } from '../core/errors.js';
import { rouge, type RougeType } from './rouge.js';
import { scoreCorpus, scoreSegments, signature } from './text-metric.js';

interface Vectors {
  readonly scores: readonly {
    readonly target: string;
    readonly prediction: string;
    readonly type: RougeType;
    readonly use_stemmer: boolean;
    readonly precision: number;
    readonly recall: number;
    readonly fmeasure: number;
    readonly places: number;
  }[];
}

const types: readonly RougeType[] = ['rouge1', 'rouge2', 'rougeL', 'rougeLsum'];
const text = fc
  .array(fc.constantFrom('a', 'the', 'running', 'ran.', '\n', '猫'), { maxLength: 12 })
  .map((list) => list.join(' '));

const segmenter = (line: string): string[] => line.split(/(我们|公园|去|要)/);
const sentences = (line: string): string[] => line.split('. ');

describe('ROUGE', () => {
  it('scores the vectors of rouge_score', (context) => {
    const { scores } = vectorsOrSkip<Vectors>(context, 'rouge_vectors/rouge_vectors.json');
    for (const { target, prediction, type, use_stemmer: stemmer, places, ...expected } of scores) {
      const score = scoreCorpus(rouge(type, { stemmer }), [prediction], [target]);
      expect(score.precision).toBeCloseTo(expected.precision, places);
      expect(score.recall).toBeCloseTo(expected.recall, places);
      expect(score.fmeasure).toBeCloseTo(expected.fmeasure, places);
    }
  });

  it('of a text with itself is 1, and of others from 0 to 1', () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.constantFrom(...types),
        fc.boolean(),
        (hypothesis, reference, type, stemmer) => {
          const metric = rouge(type, { stemmer });
          const { score, precision, recall } = scoreCorpus(metric, [hypothesis], [reference]);
          for (const value of [score, precision, recall]) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
          }
          const self = scoreCorpus(metric, [`${hypothesis} two words`], [`${hypothesis} two words`]);
          expect(self.score).toBe(1);
        },
      ),
    );
  });

  it('takes a mark for a line break, and says so in its signature', () => {
    const metric = rouge('rougeLsum', { lineBreak: '<n>' });
    const marked = scoreCorpus(metric, ['a dog ran<n>the cat sat'], ['the cat sat<n>a dog ran']);
    const broken = scoreCorpus(rouge('rougeLsum'), ['a dog ran\nthe cat sat'], ['the cat sat\na dog ran']);
    expect(marked).toEqual(broken);
    expect(signature(metric, ['x'])).toContain('|break:<n>|');
    expect(() => rouge('rouge1', { lineBreak: '' })).toThrow(ConfigError);
  });

  it('takes the reference with the best F-measure, and the mean over the segments', () => {
    const metric = rouge('rouge1');
    const segments = scoreSegments(metric, ['one two', 'x'], [['three', 'one'], 'y']);
    expect(segments[0]).toEqual({ score: 2 / 3, precision: 0.5, recall: 1, fmeasure: 2 / 3 });
    expect(scoreCorpus(metric, ['one two', 'x'], [['three', 'one'], 'y']).score).toBe(1 / 3);
  });

  it('is blind to Chinese, unless it compares characters or words', () => {
    const [hypothesis, reference] = ['我们去公园。', '我们要去公园'];
    expect(scoreCorpus(rouge('rouge1'), [hypothesis], [reference]).score).toBe(0);
    const byCharacters = scoreCorpus(rouge('rouge1', { tokenize: 'characters' }), [hypothesis], [reference]);
    expect(byCharacters).toMatchObject({ precision: 1, recall: 5 / 6 });
    const byWords = scoreCorpus(rouge('rouge2', { tokenize: 'words', segmenter }), [hypothesis], [reference]);
    expect(byWords).toMatchObject({ precision: 1 / 2, recall: 1 / 3 });
  });

  it('takes the sentences of ROUGE-Lsum from the caller', () => {
    const [hypothesis, reference] = ['c d. a b', 'a b. c d'];
    expect(scoreCorpus(rouge('rougeLsum'), [hypothesis], [reference]).score).toBe(0.5);
    expect(scoreCorpus(rouge('rougeLsum', { sentences }), [hypothesis], [reference]).score).toBe(1);
  });

  it('names what it measured in its signature', () => {
    expect(signature(rouge('rougeL', { stemmer: true }), ['a'])).toBe(
      'nrefs:1|tok:english|stem:porter|version:0.1.2+mneme',
    );
  });

  it('refuses a type that it does not have', () => {
    expect(() => rouge('rouge0' as RougeType)).toThrow(ConfigError);
    expect(() => rouge('rougeLSum' as RougeType)).toThrow('Did you mean "rougeLsum"?');
  });
});
