import { describe, expect, it } from 'vitest';
import { expectClose, reference } from '../../test/support/metric-fixtures.js';
import { DataError } from '../core/errors.js';
import { meanAbsoluteError, rootMeanSquaredError } from './regression.js';

describe('errors of predicted numbers', () => {
  it('equal those of scikit-learn', () => {
    const { predicted, actual, rmse, mae } = reference.regression;
    expectClose(rootMeanSquaredError(predicted, actual), rmse);
    expectClose(meanAbsoluteError(predicted, actual), mae);
  });

  it('are 0 for right predictions, in typed arrays too', () => {
    const values = Float32Array.of(1, -2);
    expect([rootMeanSquaredError(values, values), meanAbsoluteError(values, values)]).toEqual([0, 0]);
  });

  it('need as many predictions as values', () => {
    expect(() => rootMeanSquaredError([1], [1, 2])).toThrow(DataError);
    expect(() => meanAbsoluteError([1], [1, 2])).toThrow('Got 1 predictions and 2 values');
    expect(() => meanAbsoluteError([], [])).toThrow(DataError);
  });
});
