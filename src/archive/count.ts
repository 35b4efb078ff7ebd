// Checks whole numbers that users give. Knows nothing of what they count.
import { DataError } from '../core/errors.js';

/** @throws {DataError} when the value is no whole number from `least` to `most` */
export function checkCount(value: number, name: string, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new DataError(`${name} is ${value}. Give a whole number from ${least} to ${most}.`, {
    fields: { name, value },
  });
}
