import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vectorsOrSkip } from '../../test/support/metric-fixtures.js';
import { ter } from './ter.js';
import { scoreCorpus, signature } from './text-metric.js';

interface Vectors {
  readonly 'test_ter.py': {
    readonly EPSILON: number;
    readonly test_cases: readonly (readonly [readonly string[], readonly string[], number])[];
  };
}

describe('TER', () => {
  it('scores the vectors of sacreBLEU', (context) => {
    const vectors = vectorsOrSkip<Vectors>(context, 'sacrebleu_vectors/sacrebleu_vectors.json')[
      'test_ter.py'
    ];
    for (const [hypotheses, references, expected] of vectors.test_cases) {
      const { score } = scoreCorpus(ter(), hypotheses, references);
      expect(Math.abs(score - 100 * expected)).toBeLessThan(vectors.EPSILON);
    }
  });

  it('of a text with itself is 0', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (line) => {
        expect(scoreCorpus(ter(), [line], [line]).score).toBe(0);
      }),
    );
  });

  it('takes the fewest edits over the references, and their mean length', () => {
    expect(scoreCorpus(ter(), ['a b c'], [['a b c d', 'a b']])).toEqual({
      score: 100 * (1 / 3),
      edits: 1,
      referenceLength: 3,
    });
  });

  it('may exceed 100, and is 100 where there was nothing to say', () => {
    expect(scoreCorpus(ter(), ['a b c'], ['x']).score).toBe(300);
    expect(scoreCorpus(ter(), ['a b c'], ['']).score).toBe(100);
  });

  it('names what it measured in its signature', () => {
    const metric = ter({ normalized: true, noPunctuation: true });
    expect(signature(metric, ['a'])).toBe(
      'nrefs:1|case:lc|tok:tercom|norm:yes|punct:no|asian:no|version:2.6.0+mneme',
    );
  });
});
