// The contract of memory.ts, kept by every memory as a configuration makes it by default.
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { createMemory, memoryKinds } from './create-memory.js';

for (const kind of memoryKinds)
  keepsTheContract(kind, createMemory(kind, { width, heads: 2, maxLength: 12 }));
