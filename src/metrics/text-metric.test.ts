import { describe, expect, it } from 'vitest';
import { DataError } from '../core/errors.js';
import { bleu } from './bleu.js';
import {
  meanMetric,
  referencesBySegment,
  scoreCorpus,
  scoreSegments,
  segmentStatistics,
} from './text-metric.js';

describe('a text metric', () => {
  it('needs one entry of references for each hypothesis, and says how many there are', () => {
    const [hypotheses, references] = [
      ['a', 'b'],
      ['a', 'b', 'c'],
    ];
    expect(() => scoreCorpus(bleu(), hypotheses, references)).toThrow(DataError);
    expect(() => scoreCorpus(bleu(), hypotheses, references)).toThrow(
      'Got 2 hypotheses and 3 references: there must be as many of one as of the other.',
    );
  });

  it('needs at least one hypothesis, and a reference for each', () => {
    expect(() => scoreCorpus(bleu(), [], [])).toThrow('Got no hypotheses: at least one is needed.');
    expect(() => scoreSegments(bleu(), ['a', 'b'], ['a', []])).toThrow(DataError);
    expect(() => scoreSegments(bleu(), ['a', 'b'], ['a', []])).toThrow(
      'Segment 2 of 2 has no reference: at least one is needed.',
    );
  });

  it('takes a single reference as a text or as a list of one', () => {
    const metric = bleu();
    expect(segmentStatistics(metric, ['a b'], ['a c'])).toEqual(
      segmentStatistics(metric, ['a b'], [['a c']]),
    );
  });

  it('of means is the mean of its segments', () => {
    const length = meanMetric('length', {}, (hypothesis) => hypothesis.length);
    expect(scoreCorpus(length, ['a', 'bcd'], ['', '']).score).toBe(2);
  });
});

describe('reference files', () => {
  it('become the references of each segment', () => {
    expect(
      referencesBySegment([
        ['a1', 'a2'],
        ['b1', 'b2'],
      ]),
    ).toEqual([
      ['a1', 'b1'],
      ['a2', 'b2'],
    ]);
  });

  it('must be as long as one another, and at least one', () => {
    expect(() => referencesBySegment([['a'], ['a', 'b'], ['a']])).toThrow(
      'have 1, 2, 1 lines: all must have as many.',
    );
    expect(() => referencesBySegment([])).toThrow('Got no reference files');
  });
});
