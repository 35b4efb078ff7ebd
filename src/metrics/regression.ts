// Errors of predicted numbers. Knows nothing of what they stand for.
import { requirePaired } from './checks.js';

/** RMSE: square root of the mean squared error. @throws {DataError} when the lists are empty or differ in length */
export function rootMeanSquaredError(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  return Math.sqrt(meanOfErrors(predicted, actual, (error) => error ** 2));
}

/** MAE: mean absolute error. @throws {DataError} when the lists are empty or differ in length */
export function meanAbsoluteError(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  return meanOfErrors(predicted, actual, Math.abs);
}

function meanOfErrors(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  weigh: (error: number) => number,
): number {
  requirePaired('predictions', predicted, 'values', actual);
  let total = 0;
  for (let i = 0; i < predicted.length; i++) total += weigh((predicted[i] ?? NaN) - (actual[i] ?? NaN));
  return total / predicted.length;
}
