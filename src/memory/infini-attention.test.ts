// Infini-attention under the contract of memories.
import type { InfiniAttentionOptions } from './infini-attention.js';
import type { AnyMemory } from './memory-kind.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { InfiniAttention } from './infini-attention.js';

const infiniAttention = (options: Partial<InfiniAttentionOptions>): AnyMemory =>
  new InfiniAttention({ width, heads: 2, segment: 4, ...options }) as unknown as AnyMemory;

keepsTheContract('infini-attention in segments of 4', infiniAttention({}));
keepsTheContract(
  'infini-attention that adds, with rotary positions',
  infiniAttention({ update: 'linear', segment: 3, rotary: true }),
);
