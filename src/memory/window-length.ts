// Lengths and counts that a configuration names or leaves open. Knows no memory.
import { ConfigError } from '../core/errors.js';

/**
 * @param length what was asked for; default: a quarter of the block
 * @param maxLength tokens of the longest sequence that is read at once
 * @throws {ConfigError} when the window is longer than the block
 */
export function windowFor(kind: string, what: string, length: number | undefined, maxLength: number): number {
  if (length === undefined) return Math.max(1, Math.ceil(maxLength / 4));
  if (length <= maxLength) return length;
  throw new ConfigError(
    `${kind}: ${what} ${length} is longer than the block of ${maxLength} tokens; shorten it or raise maxLength.`,
    { fields: { [what]: length, maxLength } },
  );
}

/** A whole number of at least `least` and at most `most`. @throws {ConfigError} */
export function requireCount(
  kind: string,
  what: string,
  count: number,
  least: number,
  most = Infinity,
): number {
  if (Number.isInteger(count) && count >= least && count <= most) return count;
  const bound = most === Infinity ? '' : ` and at most ${most}`;
  throw new ConfigError(
    `${kind}: ${what} is ${count}; it must be a whole number of at least ${least}${bound}.`,
    { fields: { kind, [what]: count } },
  );
}
