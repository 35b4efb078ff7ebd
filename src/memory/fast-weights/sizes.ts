// What the sizes of fast-weight memories have to fulfil.
import { z } from 'zod';
import { ConfigError } from '../../core/errors.js';
import { requireSizes } from '../../nn/sizes.js';

/** Size of one head. @throws {ConfigError} when it is not a whole number above 0 */
export function headSizeOf(kind: string, width: number, heads: number): number {
  requireSizes(kind, { width, heads });
  if (width % heads === 0) return width / heads;
  throw new ConfigError(
    `${kind}: width ${width} is not a multiple of heads ${heads}; choose sizes that divide.`,
    { fields: { width, heads } },
  );
}

/** Options that fast-weight memories share: the short convolution, and how many tokens are read in parallel. */
export const convolutionSchema = z.union([z.literal(0), z.int().min(2)]);
export const chunkSchema = z.int().positive();
