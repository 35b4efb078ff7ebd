// Values of options on the command line. Knows no verb.
import { InvalidArgumentError } from 'commander';

/** A whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`A whole number of at least ${least} was expected.`);
  };
}

/** A number of at least `least`. */
export function number(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && value >= least) return value;
    throw new InvalidArgumentError(`A number of at least ${least} was expected.`);
  };
}

/** Values with commas between. */
export function listOf<T>(one: (text: string) => T): (text: string) => readonly T[] {
  return (text) => text.split(',').map(one);
}

/** The values of an option that may be given several times. */
export function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
