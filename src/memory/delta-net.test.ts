// DeltaNet under the contract of memories.
import type { FastWeightOptions } from './fast-weights/fast-weight-memory.js';
import type { AnyMemory } from './memory-kind.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { DeltaNet } from './delta-net.js';

/** Keeps gradients near 1, which tolerances of rounding are relative to. */
const outputInitializer = { uniform: 0.2 };

const deltaNet = (options: Partial<FastWeightOptions>): AnyMemory =>
  new DeltaNet({ width, heads: 2, chunk: 4, outputInitializer, ...options }) as unknown as AnyMemory;

keepsTheContract('delta-net in chunks of 4', deltaNet({}));
keepsTheContract('delta-net without gates', deltaNet({ gated: false }));
keepsTheContract(
  'delta-net with small keys and no convolution',
  deltaNet({ keySize: 3, convolution: 0, chunk: 3 }),
);
