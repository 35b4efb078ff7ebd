// Checks sampling against Hugging Face's processors, against definitions spelled out, and the draws against their distribution.
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../core/random.js';
import type { SamplingOptions } from './sampling.js';
import { checkSamplingOptions, drawToken, sampleToken, tokenProbabilities } from './sampling.js';

interface Case {
  readonly options: SamplingOptions;
  readonly seen: readonly number[];
  readonly logits: readonly number[];
  readonly probabilities: readonly number[];
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../test/fixtures/sampling/reference.json', import.meta.url), 'utf8'),
) as { readonly cases: readonly Case[] };

/** Probabilities for logits given as probabilities, so that expectations can be read. */
function filtered(probabilities: readonly number[], options: SamplingOptions, seen: number[] = []): number[] {
  const logits = Float32Array.from(probabilities, Math.log);
  return Array.from(tokenProbabilities(logits, new Set(seen), options));
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, digits = 6): void {
  expect(actual.length).toBe(expected.length);
  Array.from(expected).forEach((value, i) => expect(actual[i], `token ${i}`).toBeCloseTo(value, digits));
}

const rows = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 40 });

describe('token probabilities', () => {
  it.each(cases.map((example, i) => [i, JSON.stringify(example.options), example] as const))(
    'are those of the Hugging Face processors in case %i: %s',
    (_, _name, { options, seen, logits, probabilities }) => {
      const ours = tokenProbabilities(Float32Array.from(logits), new Set(seen), options);
      expectClose(ours, probabilities, 12);
    },
  );

  it('are the softmax of the logits when no option is given', () => {
    expectClose(filtered([0.1, 0.6, 0.3], {}), [0.1, 0.6, 0.3]);
  });

  it('are a power of the probabilities at a temperature', () => {
    expectClose(filtered([0.2, 0.8], { temperature: 0.5 }), [0.04 / 0.68, 0.64 / 0.68]);
  });

  it('are certain at temperature 0 and at temperatures too small to divide by', () => {
    expectClose(filtered([0.3, 0.3, 0.4], { temperature: 0 }), [0, 0, 1]);
    expectClose(filtered([0.3, 0.3, 0.4], { temperature: 5e-324 }), [0, 0, 1]);
  });

  it('keep the k most likely tokens', () => {
    expectClose(filtered([0.1, 0.4, 0.2, 0.3], { topK: 2 }), [0, 4 / 7, 0, 3 / 7]);
  });

  it('keep the smallest set of tokens that reaches top-p', () => {
    const probabilities = [0.1, 0.4, 0.2, 0.3];
    expectClose(filtered(probabilities, { topP: 0.39 }), [0, 1, 0, 0]);
    expectClose(filtered(probabilities, { topP: 0.41 }), [0, 4 / 7, 0, 3 / 7]);
    expectClose(filtered(probabilities, { topP: 0.91 }), probabilities);
  });

  it('keep tokens that are not much less likely than the most likely', () => {
    expectClose(filtered([0.1, 0.4, 0.2, 0.3], { minP: 0.6 }), [0, 4 / 7, 0, 3 / 7]);
  });

  it('prefer lower ids among equally likely tokens', () => {
    expectClose(filtered([0.25, 0.25, 0.25, 0.25], { temperature: 0 }), [1, 0, 0, 0]);
    expectClose(filtered([0.25, 0.25, 0.25, 0.25], { topK: 2 }), [0.5, 0.5, 0, 0]);
    expectClose(filtered([0.25, 0.25, 0.25, 0.25], { topP: 0.7 }), [1 / 3, 1 / 3, 1 / 3, 0]);
  });

  it('count probabilities for top-p after top-k and after the temperature', () => {
    expectClose(filtered([0.1, 0.4, 0.2, 0.3], { topK: 2, topP: 0.5 }), [0, 1, 0, 0]);
    expectClose(filtered([0.1, 0.4, 0.2, 0.3], { temperature: 0.5, topP: 0.5 }), [0, 1, 0, 0]);
  });

  it('divide positive logits and multiply negative ones that repeat, also when greedy', () => {
    const seen = new Set([0, 1]);
    const scores = tokenProbabilities(Float32Array.of(2, -1, 1), seen, { repetitionPenalty: 4 });
    const weights = [0.5, -4, 1].map(Math.exp);
    const sum = weights.reduce((a, b) => a + b);
    expectClose(
      scores,
      weights.map((weight) => weight / sum),
    );
    const greedy = tokenProbabilities(Float32Array.of(2, -1, 1), seen, {
      repetitionPenalty: 4,
      temperature: 0,
    });
    expectClose(greedy, [0, 0, 1]);
  });

  it('leave the ruled out ruled out', () => {
    const logits = Float32Array.of(-Infinity, 0, -Infinity);
    for (const options of [{}, { topK: 2 }, { topP: 0.5 }, { minP: 0.5 }, { temperature: 3 }]) {
      expectClose(tokenProbabilities(logits, new Set([0]), options), [0, 1, 0]);
    }
  });

  it('sum to 1 and never lose the most likely token, whatever the options', () => {
    const options = fc.record(
      {
        temperature: fc.double({ min: 0, max: 10, noNaN: true }),
        topK: fc.integer({ min: 1, max: 50 }),
        topP: fc.double({ min: 1e-9, max: 1, noNaN: true }),
        minP: fc.double({ min: 0, max: 1, noNaN: true }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(rows, options, (row, chosen) => {
        const probabilities = tokenProbabilities(Float32Array.from(row), new Set(), chosen);
        expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
        expect(probabilities[row.indexOf(Math.max(...row))]).toBe(Math.max(...probabilities));
        const count = probabilities.filter((p) => p > 0).length;
        expect(count).toBeLessThanOrEqual(chosen.topK ?? row.length);
      }),
    );
  });

  it('say which logit is not a number', () => {
    expect(() => tokenProbabilities(Float32Array.of(0, Number.NaN), new Set())).toThrow(
      /logit of token 1 is NaN.*earlier checkpoint/,
    );
  });
});

describe('sampling options', () => {
  it.each([
    [{ temperature: -1 }, 'temperature is -1; it must be at least 0'],
    [{ temperature: Number.NaN }, 'temperature is NaN'],
    [{ topK: 0 }, 'topK is 0; it must be a whole number of at least 1'],
    [{ topK: 1.5 }, 'topK is 1.5'],
    [{ topP: 0 }, 'topP is 0; it must be above 0 and at most 1'],
    [{ topP: 1.1 }, 'topP is 1.1'],
    [{ minP: 2 }, 'minP is 2; it must be from 0 to 1'],
    [{ repetitionPenalty: 0 }, 'repetitionPenalty is 0; it must be from 0.01 to 100'],
    [{ seed: 0.5 }, 'seed is 0.5; it must be a whole number'],
  ])('%o are refused', (options, message) => {
    expect(() => checkSamplingOptions(options)).toThrow(message);
  });

  it('at their limits are accepted', () => {
    expect(() => checkSamplingOptions({ temperature: 0, topK: 1, topP: 1, minP: 1, seed: -3 })).not.toThrow();
    expect(() => checkSamplingOptions({ topK: undefined })).not.toThrow();
  });
});

describe('draws', () => {
  it('follow the probabilities', () => {
    const probabilities = Float64Array.of(0.5, 0, 0.2, 0.3);
    const random = Random.fromSeed(7);
    const draws = 20_000;
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < draws; i++) {
      const id = drawToken(probabilities, random);
      counts[id] = (counts[id] ?? 0) + 1;
    }
    expect(counts[1]).toBe(0);
    // Pearson's chi-squared with 2 degrees of freedom: 13.8 is exceeded once in a thousand seeds.
    const chiSquared = [0, 2, 3].reduce((sum, id) => {
      const expected = draws * (probabilities[id] ?? 0);
      return sum + ((counts[id] ?? 0) - expected) ** 2 / expected;
    }, 0);
    expect(chiSquared).toBeLessThan(13.8);
  });

  it('repeat with the seed and only choose possible tokens', () => {
    fc.assert(
      fc.property(rows, fc.integer(), (row, seed) => {
        const logits = Float32Array.from(row);
        const draw = (): number => sampleToken(logits, new Set(), { topK: 3 }, Random.fromSeed(seed));
        expect(draw()).toBe(draw());
        expect(tokenProbabilities(logits, new Set(), { topK: 3 })[draw()]).toBeGreaterThan(0);
      }),
    );
  });

  it('end at the last possible token when rounding leaves a remainder', () => {
    const random = Random.fromSeed(1);
    expect(drawToken(Float64Array.of(0, 1e-12, 0), random)).toBe(1);
  });
});
