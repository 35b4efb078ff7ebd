// What sizes of layers have to fulfil. Knows no layer.
import { ConfigError } from '../core/errors.js';

/** @throws {ConfigError} that names the first size that is not a whole number above 0 */
export function requireSizes(name: string, sizes: Readonly<Record<string, number>>): void {
  for (const [what, size] of Object.entries(sizes)) {
    if (Number.isInteger(size) && size > 0) continue;
    throw new ConfigError(`${name}: ${what} is ${size}; it must be a whole number above 0.`, {
      fields: { [what]: size },
    });
  }
}
