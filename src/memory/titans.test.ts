// Titans under the contract of memories.
import type { AnyMemory } from './memory-kind.js';
import type { TitansOptions } from './titans.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { Titans } from './titans.js';

/** Keeps gradients near 1, which tolerances of rounding are relative to. */
const outputInitializer = { uniform: 0.2 };

const titans = (options: Partial<TitansOptions>): AnyMemory =>
  new Titans({ width, heads: 2, chunk: 4, outputInitializer, ...options }) as unknown as AnyMemory;

keepsTheContract('titans with a network of two layers, in chunks of 4', titans({}));
keepsTheContract('titans with a matrix and no convolution', titans({ depth: 1, convolution: 0, chunk: 3 }));
