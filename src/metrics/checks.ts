// Checks of options and inputs that several metrics share. Knows nothing of any one metric.
import { ConfigError, DataError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';

/** `value` as one of the known names. @throws {ConfigError} that names the nearest known one */
export function requireKnown<K extends string>(what: string, value: string, known: readonly K[]): K {
  const match = known.find((name) => name === value);
  if (match !== undefined) return match;
  throw new ConfigError(`Unknown ${what} "${value}".${didYouMean(value, known)}`, {
    fields: { what, value, known },
  });
}

/** @throws {ConfigError} when `value` is not an integer of at least `minimum` */
export function requireInteger(what: string, value: number, minimum: number): void {
  if (Number.isInteger(value) && value >= minimum) return;
  throw new ConfigError(`${what} is ${value}: an integer of at least ${minimum} is needed.`, {
    fields: { what, value, minimum },
  });
}

/** @throws {ConfigError} when `value` is negative or not finite */
export function requireNotNegative(what: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new ConfigError(`${what} is ${value}: a number of at least 0 is needed.`, {
    fields: { what, value },
  });
}

interface Counted {
  readonly length: number;
}

/** @throws {DataError} when the two lists differ in length, or are empty */
export function requirePaired(firstName: string, first: Counted, secondName: string, second: Counted): void {
  const fields = { [firstName]: first.length, [secondName]: second.length };
  if (first.length !== second.length) {
    const counts = `${first.length} ${firstName} and ${second.length} ${secondName}`;
    throw new DataError(`Got ${counts}: there must be as many of one as of the other.`, { fields });
  }
  requireSome(firstName, first);
}

/** @throws {DataError} when the list is empty */
export function requireSome(what: string, list: Counted): void {
  if (list.length === 0)
    throw new DataError(`Got no ${what}: at least one is needed.`, { fields: { [what]: 0 } });
}
