// Moments given by users, as dates. Knows nothing of what happened then.
import { DataError } from '../core/errors.js';
import type { Moment } from './types.js';

const earliest = Date.parse('0001-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T00:00:00Z');

/** Whether it lies in the years 1 to 9999. */
export const isMoment = (date: Date): boolean => date.getTime() >= earliest && date.getTime() <= latest;

/** @throws {DataError} when it is no moment of the years 1 to 9999 */
export function toDate(moment: Moment, name: string): Date {
  const date = new Date(moment);
  if (isMoment(date)) return date;
  throw new DataError(
    `${name} is not a moment: ${String(moment).slice(0, 60)}. Expected ISO 8601 (2026-05-08T13:56:00Z), milliseconds since 1970 or a Date.`,
    { fields: { name } },
  );
}
