// The causal Longformer under the contract of memories.
import type { AnyMemory } from './memory-kind.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { Longformer } from './longformer.js';

const variants = {
  'one global token': { window: 3 },
  'rotary positions, several global tokens and grouped queries': {
    window: 4,
    globalTokens: 3,
    heads: 4,
    keyValueHeads: 2,
    position: 'rotary',
  },
} as const;
for (const [name, options] of Object.entries(variants))
  keepsTheContract(name, new Longformer({ width, heads: 2, ...options }) as unknown as AnyMemory);
