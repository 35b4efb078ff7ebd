// The compressive memory under the contract of memories.
import type { AnyMemory } from './memory-kind.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { Compressive } from './compressive.js';

const variants = {
  'a convolution': { segmentLength: 2, memoryLength: 2, compressedLength: 2, rate: 2 },
  'the mean of pairs, ahead of their segment': {
    segmentLength: 4,
    memoryLength: 2,
    compressedLength: 3,
    rate: 2,
    compression: 'mean',
  },
  'the maximum of three': {
    segmentLength: 3,
    memoryLength: 3,
    compressedLength: 1,
    rate: 3,
    compression: 'max',
  },
  'nothing made fewer': { segmentLength: 2, memoryLength: 1, compressedLength: 4, rate: 1 },
} as const;
for (const [name, options] of Object.entries(variants))
  keepsTheContract(name, new Compressive({ width, heads: 2, ...options }) as unknown as AnyMemory);
