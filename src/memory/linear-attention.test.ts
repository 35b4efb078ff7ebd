// Linear attention under the contract of memories.
import type { FastWeightOptions } from './fast-weights/fast-weight-memory.js';
import type { AnyMemory } from './memory-kind.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { LinearAttention } from './linear-attention.js';

/** Keeps gradients near 1, which tolerances of rounding are relative to. */
const outputInitializer = { uniform: 0.2 };

const linearAttention = (options: Partial<FastWeightOptions>): AnyMemory =>
  new LinearAttention({ width, heads: 2, chunk: 4, outputInitializer, ...options }) as unknown as AnyMemory;

keepsTheContract('linear attention in chunks of 4', linearAttention({}));
keepsTheContract('linear attention without gates', linearAttention({ gated: false }));
keepsTheContract(
  'linear attention with small keys and a convolution',
  linearAttention({ keySize: 3, convolution: 3, chunk: 3 }),
);
