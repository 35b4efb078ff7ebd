import { describe, expect, it } from 'vitest';
import {
  expectClose,
  reference,
  type MetricCase,
  type ScoredCorpus,
} from '../../test/support/metric-fixtures.js';
import { ConfigError } from '../core/errors.js';
import { textMetricNamed, textMetricNames } from './named-metric.js';
import { referencesBySegment, scoreCorpus, scoreSegments, signature } from './text-metric.js';

function expectAsReference(corpus: ScoredCorpus, expected: MetricCase): void {
  const metric = textMetricNamed(expected.metric, expected.options);
  const references = referencesBySegment(corpus.referenceFiles);
  const where = `${corpus.title}, ${expected.metric} ${JSON.stringify(expected.options)}`;
  const score = scoreCorpus(metric, corpus.hypotheses, references);
  expectClose(score, { score: expected.score, ...expected.details }, where);
  const segments = scoreSegments(metric, corpus.hypotheses, references).map((segment) => segment.score);
  expectClose(segments, expected.segments, `${where}, segments`);
  if (expected.signature !== undefined) {
    expect(signature(metric, references)).toBe(`${expected.signature}+mneme`);
  }
}

describe('every text metric', () => {
  it.each(reference.corpora.map((corpus) => [corpus.title, corpus] as const))(
    'equals its reference implementation on the corpus "%s"',
    (_, corpus) => {
      expect(corpus.cases.length).toBeGreaterThan(10);
      for (const expected of corpus.cases) expectAsReference(corpus, expected);
    },
  );

  it('is compared with a reference implementation somewhere', () => {
    const compared = new Set(reference.corpora.flatMap((corpus) => corpus.cases.map(({ metric }) => metric)));
    expect(textMetricNames.filter((name) => !compared.has(name))).toEqual(['chrf++']);
  });
});

describe('a text metric by name', () => {
  it('chrf++ is chrF with words up to two', () => {
    expect(textMetricNamed('chrf++').name).toBe('chrF2++');
    expect(textMetricNamed('chrf++', { wordOrder: 1 }).name).toBe('chrF2+');
  });

  it('that is mistyped is refused with the nearest known one', () => {
    expect(() => textMetricNamed('rougel')).toThrow(ConfigError);
    expect(() => textMetricNamed('rougel')).toThrow('Unknown metric "rougel". Did you mean "rougeL"?');
  });

  it('refuses a tokenizer that it does not have', () => {
    expect(() => textMetricNamed('bleu', { tokenize: '13b' })).toThrow(
      'Unknown tokenizer "13b". Did you mean "13a"?',
    );
    expect(() => textMetricNamed('rouge1', { tokenize: 'character' })).toThrow('Did you mean "characters"?');
  });
});
