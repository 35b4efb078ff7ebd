import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectClose, reference, vectorsOrSkip } from '../../test/support/metric-fixtures.js';
import { ConfigError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { bleu } from './bleu.js';
import { bootstrapInterval, pairedBootstrap, type Draws } from './bootstrap.js';
import { segmentStatistics, type Statistics } from './text-metric.js';

/** Gives back recorded draws, one after the other. */
function recorded(draws: readonly (readonly number[])[]): Draws {
  const queue = draws.flat().values();
  return { integer: () => queue.next().value ?? NaN };
}

const meanOf = ([sum = 0, count = 0]: Statistics): number => sum / count;
const values = (list: readonly number[]): Statistics[] => list.map((value) => [value, 1]);

interface Vectors {
  readonly bootstrap: {
    readonly confidence_interval: number;
    readonly scores: readonly Readonly<Record<'precision' | 'recall' | 'fmeasure', number>>[];
    readonly expected: Readonly<
      Record<'precision' | 'recall' | 'fmeasure', readonly [number, number, number]>
    >;
  };
}

describe('a bootstrap interval', () => {
  it('equals that of rouge_score on the same draws', () => {
    const { values: list, draws, expected } = reference.interval;
    const options = { samples: draws.length, confidence: 0.9 };
    expectClose(bootstrapInterval(values(list), meanOf, recorded(draws), options), expected);
  });

  it('comes to the vectors of rouge_score', (context) => {
    const { bootstrap } = vectorsOrSkip<Vectors>(context, 'rouge_vectors/rouge_vectors.json');
    for (const name of ['precision', 'recall', 'fmeasure'] as const) {
      const segments = values(bootstrap.scores.map((score) => score[name]));
      const options = { confidence: bootstrap.confidence_interval };
      const { low, median, high } = bootstrapInterval(segments, meanOf, Random.fromSeed(1), options);
      expectClose([low, median, high], bootstrap.expected[name]);
    }
  });

  it('is the same for the same seed, holds the mean, and grows with the confidence', () => {
    const list = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(list, fc.integer(), (scores, seed) => {
        const interval = (confidence: number): ReturnType<typeof bootstrapInterval> =>
          bootstrapInterval(values(scores), meanOf, Random.fromSeed(seed), { samples: 60, confidence });
        const [narrow, wide] = [interval(0.5), interval(0.99)];
        expect(interval(0.5)).toEqual(narrow);
        expect(wide.low).toBeLessThanOrEqual(narrow.low);
        expect(narrow.low).toBeLessThanOrEqual(narrow.median);
        expect(narrow.median).toBeLessThanOrEqual(narrow.high);
        expect(narrow.high).toBeLessThanOrEqual(wide.high);
        expect(wide.low).toBeGreaterThanOrEqual(Math.min(...scores) - 1e-12);
        expect(wide.high).toBeLessThanOrEqual(Math.max(...scores) + 1e-12);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses options out of range and an empty corpus', () => {
    const random = Random.fromSeed(1);
    expect(() => bootstrapInterval(values([1]), meanOf, random, { samples: 0 })).toThrow(ConfigError);
    expect(() => bootstrapInterval(values([1]), meanOf, random, { confidence: 1 })).toThrow(
      'confidence is 1',
    );
    expect(() => bootstrapInterval([], meanOf, random)).toThrow('Got no segments');
  });
});

describe('a paired bootstrap test', () => {
  it('equals that of sacreBLEU on the same draws', () => {
    const { baseline, system, references, draws, expected } = reference.pairedBootstrap;
    const metric = bleu();
    const test = pairedBootstrap(
      segmentStatistics(metric, baseline, references),
      segmentStatistics(metric, system, references),
      (sums) => metric.scoreOf(sums).score,
      recorded(draws),
      { samples: draws.length },
    );
    expectClose(test, expected);
  });

  it('finds no difference between a system and itself', () => {
    const list = values([0.1, 0.5, 0.9]);
    const test = pairedBootstrap(list, list, meanOf, Random.fromSeed(2), { samples: 50 });
    expect(test.difference).toEqual({ score: 0, low: 0, median: 0, high: 0, mean: 0, halfWidth: 0 });
    expect(test.pValue).toBe(1 / 51);
  });

  it('is surer of a difference that every segment shows than of one that few do', () => {
    const baseline = values(Array.from({ length: 40 }, (_, i) => (i % 10) / 10));
    const better = baseline.map(([value = 0]) => [value + 0.1, 1]);
    const mixed = baseline.map(([value = 0], i) => [value + (i % 2 === 0 ? 0.5 : -0.48), 1]);
    const test = (system: readonly Statistics[]): ReturnType<typeof pairedBootstrap> =>
      pairedBootstrap(baseline, system, meanOf, Random.fromSeed(3), { samples: 200 });
    expect(test(better).difference.low).toBeGreaterThan(0);
    expect(test(mixed).difference.low).toBeLessThan(0);
    expect(test(mixed).pValue).toBeGreaterThan(test(better).pValue);
  });

  it('needs the same segments of both systems', () => {
    const [one, two, random] = [values([1]), values([1, 2]), Random.fromSeed(1)];
    expect(() => pairedBootstrap(one, two, meanOf, random)).toThrow(
      'Got 1 baseline segments and 2 system segments',
    );
  });
});
