// DeltaNet under the contract of memories.
import type { DeltaNetOptions } from './delta-net.js';
import type { AnyMemory } from './memory-kind.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { DeltaNet } from './delta-net.js';

const deltaNet = (options: Partial<DeltaNetOptions>): AnyMemory =>
  new DeltaNet({ width, heads: 2, chunk: 4, ...options }) as unknown as AnyMemory;

keepsTheContract('delta-net in chunks of 4', deltaNet({}));
keepsTheContract('delta-net without gates', deltaNet({ gated: false }));
keepsTheContract(
  'delta-net with small keys and no convolution',
  deltaNet({ keySize: 3, convolution: 0, chunk: 3 }),
);
