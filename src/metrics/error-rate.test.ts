import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { characterErrorRate, wordErrorRate } from './error-rate.js';
import { scoreCorpus } from './text-metric.js';

describe('word and character error rate', () => {
  it('count edits per unit of the references, over the whole corpus', () => {
    const [hypotheses, references] = [
      ['the cat sat', 'on'],
      ['a cat', 'on the mat'],
    ];
    expect(scoreCorpus(wordErrorRate(), hypotheses, references)).toEqual({
      score: 4 / 5,
      edits: 4,
      referenceLength: 5,
    });
    expect(scoreCorpus(characterErrorRate(), [' 我们 '], ['我门'])).toEqual({
      score: 0.5,
      edits: 1,
      referenceLength: 2,
    });
  });

  it('count characters, not UTF-16 units', () => {
    expect(scoreCorpus(characterErrorRate(), ['😀'], ['😁'])).toEqual({
      score: 1,
      edits: 1,
      referenceLength: 1,
    });
  });

  it('compare with the reference that gives the lowest rate', () => {
    expect(scoreCorpus(wordErrorRate(), ['a b'], [['x', 'a b c d']])).toEqual({
      score: 0.5,
      edits: 2,
      referenceLength: 4,
    });
  });

  it('are 0 for a text with itself and finite without any reference text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(scoreCorpus(wordErrorRate(), [text], [text]).score).toBe(0);
        expect(scoreCorpus(characterErrorRate(), [text], ['']).score).toBeGreaterThanOrEqual(0);
        expect(scoreCorpus(characterErrorRate(), [text], ['']).score).toBeLessThan(Infinity);
      }),
    );
  });
});
