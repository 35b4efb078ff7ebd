// Reference scores for the tests of metrics: the committed fixture, and the vectors that lie outside the repository.
// Knows nothing of the metrics themselves.
import { existsSync, readFileSync } from 'node:fs';
import { expect, type TestContext } from 'vitest';
import type { TextMetricName, TextMetricOptions } from '../../src/metrics/named-metric.js';

export interface MetricCase {
  readonly metric: TextMetricName;
  readonly options: TextMetricOptions;
  readonly score: number;
  readonly segments: readonly number[];
  readonly details?: Readonly<Record<string, number | readonly number[]>>;
  readonly signature?: string;
}

export interface ScoredCorpus {
  readonly title: string;
  readonly hypotheses: readonly string[];
  readonly referenceFiles: readonly (readonly string[])[];
  readonly cases: readonly MetricCase[];
}

interface ResampledScore {
  readonly score: number;
  readonly mean: number;
  readonly halfWidth: number;
}

interface Reference {
  readonly corpora: readonly ScoredCorpus[];
  readonly stems: readonly (readonly [word: string, stem: string])[];
  readonly edits: readonly (readonly [hypothesis: string, reference: string, edits: number])[];
  readonly classification: readonly {
    readonly predicted: readonly string[];
    readonly actual: readonly string[];
    readonly labels: readonly string[];
    readonly expected: Readonly<Record<string, unknown>>;
  }[];
  readonly rankings: readonly {
    readonly ranked: readonly string[];
    readonly grades: Readonly<Record<string, number>>;
    readonly expected: Readonly<Record<string, number>>;
  }[];
  readonly regression: {
    readonly predicted: readonly number[];
    readonly actual: readonly number[];
    readonly rmse: number;
    readonly mae: number;
  };
  readonly pairedBootstrap: {
    readonly baseline: readonly string[];
    readonly system: readonly string[];
    readonly references: readonly string[];
    readonly draws: readonly (readonly number[])[];
    readonly expected: {
      readonly baseline: ResampledScore;
      readonly system: ResampledScore;
      readonly pValue: number;
    };
  };
  readonly interval: {
    readonly values: readonly number[];
    readonly draws: readonly (readonly number[])[];
    readonly expected: { readonly low: number; readonly median: number; readonly high: number };
  };
}

/** Scores of the reference implementations, written by `test/fixtures/metrics/make.py`. */
export const reference: Reference = JSON.parse(
  readFileSync(new URL('../fixtures/metrics/reference.json', import.meta.url), 'utf8'),
) as Reference;

/** A JSON file of `../shared/data`, next to the checkout. Skips the test where it is absent. */
export function vectorsOrSkip<T>(context: TestContext, path: string): T {
  const url = new URL(`../../../shared/data/${path}`, import.meta.url);
  if (!existsSync(url)) context.skip(`shared/data/${path} is not beside this checkout`);
  return JSON.parse(readFileSync(url, 'utf8')) as T;
}

/**
 * Expects every number in `expected` to equal its counterpart in `actual` to 12 significant digits, and everything else
 * to be the same. `actual` may hold more.
 */
export function expectClose(actual: unknown, expected: unknown, path = 'value'): void {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const tolerance = 1e-12 * Math.max(Math.abs(expected), Number.MIN_VALUE);
    expect(Math.abs(actual - expected), `${path}: ${actual} instead of ${expected}`).toBeLessThanOrEqual(
      tolerance,
    );
  } else if (
    typeof expected === 'object' &&
    expected !== null &&
    typeof actual === 'object' &&
    actual !== null
  ) {
    if (Array.isArray(expected)) expect(actual, path).toHaveLength(expected.length);
    const entries = new Map(Object.entries(actual));
    for (const [key, value] of Object.entries(expected))
      expectClose(entries.get(key), value, `${path}.${key}`);
  } else {
    expect(actual, path).toEqual(expected);
  }
}
