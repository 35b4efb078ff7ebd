import { describe, expect, it } from 'vitest';
import { DataError } from '../core/errors.js';
import { spanF1, spansOf } from './span-f1.js';

const split = (text: string): string[] => text.split(' ');

describe('spans of BIO labels', () => {
  it.each([
    [
      'B-PER I-PER O B-LOC',
      [
        ['PER', 0, 2],
        ['LOC', 3, 4],
      ],
    ],
    [
      'B-PER B-PER I-PER',
      [
        ['PER', 0, 1],
        ['PER', 1, 3],
      ],
    ],
    ['O I-LOC I-LOC', [['LOC', 1, 3]]],
    [
      'B-PER I-LOC',
      [
        ['PER', 0, 1],
        ['LOC', 1, 2],
      ],
    ],
    ['O O', []],
  ] as const)('%s', (labels, expected) => {
    expect(spansOf(split(labels)).map(({ kind, start, end }) => [kind, start, end])).toEqual(expected);
  });
});

it('a span is right when its kind and both its ends are', () => {
  const actual = [split('B-PER I-PER O B-LOC'), split('O B-ORG')];
  const predicted = [split('B-PER I-PER O B-ORG'), split('B-LOC B-ORG')];
  // Four are predicted, three are there, two are right.
  const { precision, recall, f1, support } = spanF1(predicted, actual);
  expect([precision, recall, support]).toEqual([2 / 4, 2 / 3, 3]);
  expect(f1).toBeCloseTo((2 * (2 / 4) * (2 / 3)) / (2 / 4 + 2 / 3), 12);
});

it('is 1 for what is the same, and 0 where nothing is found', () => {
  const labels = [split('B-PER O')];
  expect(spanF1(labels, labels).f1).toBe(1);
  expect(spanF1([split('O O')], labels).f1).toBe(0);
  expect(() => spanF1([], labels)).toThrow(DataError);
});
