// The nearest-neighbour memory under the contract of memories.
import type { AnyMemory } from './memory-kind.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { NearestNeighbour } from './nearest-neighbour.js';

const variants = {
  'few neighbours': { window: 3, memories: 5, neighbours: 2 },
  'all that is stored, rotary': { window: 2, memories: 4, neighbours: 4, position: 'rotary' },
  'more room than text, ALiBi': { window: 2, memories: 40, position: 'alibi' },
} as const;
for (const [name, options] of Object.entries(variants))
  keepsTheContract(name, new NearestNeighbour({ width, heads: 2, ...options }) as unknown as AnyMemory);
