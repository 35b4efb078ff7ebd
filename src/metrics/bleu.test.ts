import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vectorsOrSkip } from '../../test/support/metric-fixtures.js';
import { ConfigError } from '../core/errors.js';
import { bleu, type BleuOptions, type BleuSmoothing } from './bleu.js';
import type { BleuTokenizerName } from './bleu-tokenizer.js';
import {
  referencesBySegment,
  scoreCorpus,
  scoreSegments,
  segmentStatistics,
  signature,
  sumStatistics,
} from './text-metric.js';

type Texts = readonly string[];
type Sentence = readonly [BleuSmoothing, number | null, boolean, BleuTokenizerName, number];
interface Counts {
  readonly common: readonly number[];
  readonly total: readonly number[];
}

interface Vectors {
  readonly 'test_bleu.py': {
    readonly EPSILON: number;
    readonly test_raw_bleu_cases: readonly (readonly [Texts, readonly Texts[], number])[];
    readonly test_corpus_bleu_cases: readonly (readonly [
      Texts,
      readonly Texts[],
      Record<string, string>,
      number,
    ])[];
    readonly test_case_offset: readonly (readonly [Texts, readonly Texts[], number, number])[];
    readonly test_case_statistics: readonly (readonly [Texts, readonly Texts[], Counts])[];
    readonly test_case_scoring: readonly (readonly [readonly [Counts, number, number], number])[];
    readonly test_case_effective_order: readonly (readonly [Texts, readonly Texts[], number])[];
    readonly test_case_degenerate_stats: readonly (readonly [
      readonly [Counts, number, number],
      number,
      number,
    ])[];
    readonly test_bleu_max_order: readonly (readonly [number, Texts, readonly Texts[], string])[];
  };
  readonly 'test_sentence_bleu.py': {
    readonly EPSILON: number;
    readonly REF: string;
    readonly SYS: string;
    readonly test_cases: readonly Sentence[];
    readonly REF_0: string;
    readonly SYS_0: string;
    readonly test_cases_zero_bleu: readonly Sentence[];
  };
}

const FILE = 'sacrebleu_vectors/sacrebleu_vectors.json';
const raw: BleuOptions = { smoothing: 'floor', tokenize: 'none', effectiveOrder: true };

function corpusScore(options: BleuOptions, hypotheses: Texts, files: readonly Texts[]): number {
  return scoreCorpus(bleu(options), hypotheses, referencesBySegment(files)).score;
}

function scoreOfCounts(
  options: BleuOptions,
  [counts, length, referenceLength]: readonly [Counts, number, number],
): number {
  return bleu(options).scoreOf([length, referenceLength, ...counts.common, ...counts.total]).score;
}

describe('BLEU on the vectors of sacreBLEU', () => {
  it('scores corpora by every tokenizer and smoothing', (context) => {
    const vectors = vectorsOrSkip<Vectors>(context, FILE)['test_bleu.py'];
    for (const [hypotheses, files, given, expected] of vectors.test_corpus_bleu_cases) {
      const { smooth_method: smoothing, ...rest } = given;
      const options = { ...rest, ...(smoothing === undefined ? {} : { smoothing }) } as BleuOptions;
      expect(Math.abs(corpusScore(options, hypotheses, files) - expected)).toBeLessThan(vectors.EPSILON);
    }
    for (const [hypotheses, files, expected] of vectors.test_raw_bleu_cases) {
      expect(corpusScore({ ...raw, smoothingValue: 0.01 }, hypotheses, files) / 100).toBeCloseTo(expected, 8);
    }
    for (const [maxOrder, hypotheses, files, expected] of vectors.test_bleu_max_order) {
      expect(corpusScore({ maxOrder }, hypotheses, files).toFixed(2)).toBe(expected);
    }
  });

  it('leaves out the orders that a short hypothesis cannot have', (context) => {
    const vectors = vectorsOrSkip<Vectors>(context, FILE)['test_bleu.py'];
    for (const [hypotheses, files, expected] of vectors.test_case_effective_order) {
      expect(corpusScore({ ...raw, smoothingValue: 0.01 }, hypotheses, files) / 100).toBeCloseTo(expected, 8);
    }
  });

  it('counts n-grams, and scores counts, degenerate ones included', (context) => {
    const vectors = vectorsOrSkip<Vectors>(context, FILE)['test_bleu.py'];
    for (const [hypotheses, files, { common, total }] of vectors.test_case_statistics) {
      const score = scoreCorpus(bleu(), hypotheses, referencesBySegment(files));
      expect(score).toMatchObject({ counts: common, totals: total });
    }
    for (const [counts, expected] of vectors.test_case_scoring) {
      expect(scoreOfCounts({}, counts) / 100).toBeCloseTo(expected, 8);
    }
    for (const [counts, offset, expected] of vectors.test_case_degenerate_stats) {
      expect(scoreOfCounts({ smoothing: 'floor', smoothingValue: offset }, counts) / 100).toBeCloseTo(
        expected,
        8,
      );
    }
    for (const [hypotheses, files, floored, unsmoothed] of vectors.test_case_offset) {
      expect(corpusScore(raw, hypotheses, files) / 100).toBeCloseTo(floored, 8);
      expect(corpusScore({ ...raw, smoothingValue: 0 }, hypotheses, files) / 100).toBeCloseTo(unsmoothed, 8);
    }
  });

  it('scores sentences', (context) => {
    const vectors = vectorsOrSkip<Vectors>(context, FILE)['test_sentence_bleu.py'];
    const check = (hypothesis: string, reference: string, cases: readonly Sentence[]): void => {
      for (const [smoothing, value, lowercase, tokenize, expected] of cases) {
        const options: BleuOptions = {
          smoothing,
          lowercase,
          tokenize,
          ...(value === null ? {} : { smoothingValue: value }),
        };
        const [score] = scoreSegments(bleu(options), [hypothesis], [reference]);
        expect(Math.abs((score?.score ?? NaN) - expected)).toBeLessThan(vectors.EPSILON);
      }
    };
    check(vectors.SYS, vectors.REF, vectors.test_cases);
    check(vectors.SYS_0, vectors.REF_0, vectors.test_cases_zero_bleu);
  });
});

const words = fc.constantFrom('a', 'b', 'The', 'cat,', '3.5', '猫', '😀', '&amp;', '.');
const text = fc.array(words, { maxLength: 9 }).map((list) => list.join(' '));
const corpus = fc.array(fc.tuple(text, fc.array(text, { minLength: 1, maxLength: 3 })), {
  minLength: 1,
  maxLength: 6,
});
const options: fc.Arbitrary<BleuOptions> = fc.record({
  tokenize: fc.constantFrom('13a', 'intl', 'zh', 'char', 'none'),
  smoothing: fc.constantFrom('exp', 'floor', 'add-k', 'none'),
  effectiveOrder: fc.boolean(),
  lowercase: fc.boolean(),
});

describe('BLEU', () => {
  it('of a text with itself is 100', () => {
    fc.assert(
      fc.property(fc.array(words, { minLength: 4, maxLength: 9 }), options, (list, settings) => {
        const line = list.join(' ');
        expect(scoreCorpus(bleu(settings), [line], [line]).score).toBeCloseTo(100, 10);
      }),
    );
  });

  it('lies between 0 and 100', () => {
    fc.assert(
      fc.property(corpus, options, (segments, settings) => {
        const metric = bleu(settings);
        const [hypotheses, references] = [
          segments.map(([first]) => first),
          segments.map(([, second]) => second),
        ];
        for (const { score } of [
          scoreCorpus(metric, hypotheses, references),
          ...scoreSegments(metric, hypotheses, references),
        ]) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(100 + 1e-9);
        }
      }),
    );
  });

  it('does not depend on the order of segments or of references', () => {
    fc.assert(
      fc.property(corpus, options, (segments, settings) => {
        const score = (list: typeof segments): number =>
          scoreCorpus(
            bleu(settings),
            list.map(([first]) => first),
            list.map(([, second]) => second),
          ).score;
        const turned = segments
          .toReversed()
          .map(([first, second]) => [first, second.toReversed()] as (typeof segments)[0]);
        expect(score(turned)).toBe(score(segments));
      }),
    );
  });

  it('of a corpus follows from the statistics of its segments', () => {
    const metric = bleu();
    const [hypotheses, references] = [
      ['a b c d e', 'f g'],
      ['a b c d x', 'f g h'],
    ];
    const statistics = segmentStatistics(metric, hypotheses, references);
    expect(statistics[1]).toEqual([2, 3, 2, 1, 0, 0, 2, 1, 0, 0]);
    expect(metric.scoreOf(sumStatistics(statistics))).toEqual(scoreCorpus(metric, hypotheses, references));
  });

  it('names what it measured in its signature', () => {
    const metric = bleu({ smoothing: 'floor', lowercase: true, tokenize: 'zh', effectiveOrder: true });
    const expected = 'case:lc|eff:yes|tok:zh|smooth:floor[0.10]|version:2.6.0+mneme';
    expect(signature(metric, ['a', 'b'])).toBe(`nrefs:1|${expected}`);
    expect(signature(metric, [['a', 'b'], ['c']])).toBe(`nrefs:var|${expected}`);
    expect(signature(metric, [['a', 'b']], { bs: '1000', seed: '7' })).toBe(
      `nrefs:2|bs:1000|seed:7|${expected}`,
    );
  });

  it('refuses options that it does not have', () => {
    expect(() => bleu({ smoothing: 'add-K' as BleuSmoothing })).toThrow('Did you mean "add-k"?');
    expect(() => bleu({ tokenize: '12a' as BleuTokenizerName })).toThrow(ConfigError);
    expect(() => bleu({ maxOrder: 0 })).toThrow('maxOrder is 0: an integer of at least 1 is needed.');
    expect(() => bleu({ smoothing: 'floor', smoothingValue: -1 })).toThrow('smoothingValue is -1');
  });
});
