import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectClose, reference } from '../../test/support/metric-fixtures.js';
import { DataError } from '../core/errors.js';
import { accuracy, classificationReport, confusionMatrix } from './classification.js';

describe('a classification report', () => {
  it('equals that of scikit-learn, with a label that never occurs', () => {
    expect(reference.classification.length).toBeGreaterThan(0);
    for (const { predicted, actual, labels, expected } of reference.classification) {
      expectClose(classificationReport(predicted, actual, labels), expected);
      expectClose(accuracy(predicted, actual), expected['accuracy']);
    }
  });

  it('of right predictions is 1 everywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1 }), (labels) => {
        const { classes, ...report } = classificationReport(labels, labels);
        expect(report).toMatchObject({ accuracy: 1, macroF1: 1, microF1: 1, weightedF1: 1, macroRecall: 1 });
        expect(classes.map(({ label }) => label)).toEqual([...new Set(labels)].sort((a, b) => a - b));
      }),
    );
  });

  it('does not depend on the order of the examples', () => {
    const pair = fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('x', 'y', 'z'));
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1 }), (pairs) => {
        const report = (list: typeof pairs): unknown =>
          classificationReport(
            list.map(([first]) => first),
            list.map(([, second]) => second),
          );
        expect(report(pairs.toReversed())).toEqual(report(pairs));
      }),
    );
  });
});

describe('a confusion matrix', () => {
  it('has a row for each label of the examples and a column for each that was said', () => {
    expect(confusionMatrix(['b', 'b', 'a'], ['a', 'b', 'a'])).toEqual({
      labels: ['a', 'b'],
      counts: [
        [1, 1],
        [0, 1],
      ],
    });
  });

  it('refuses a label that is not among the known ones, and says where it is', () => {
    const [predicted, actual, labels] = [
      ['a', 'a'],
      ['a', 'c'],
      ['a', 'b'],
    ];
    expect(() => confusionMatrix(predicted, actual, labels)).toThrow(DataError);
    expect(() => confusionMatrix(predicted, actual, labels)).toThrow(
      'Example 2 has the label "c", which is not one of: a, b.',
    );
  });

  it('refuses lists of different lengths with both numbers, and empty ones', () => {
    expect(() => confusionMatrix(['a'], ['a', 'b'])).toThrow('Got 1 predictions and 2 labels');
    expect(() => accuracy([], [])).toThrow('Got no predictions: at least one is needed.');
  });
});
