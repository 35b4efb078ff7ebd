// The sliding window under the contract of memories, and against its naive form.
import type { AnyMemory } from './memory-kind.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { SlidingWindow } from './sliding-window.js';
const variants = {
  'a window': { window: 3 },
  'a window of one token': { window: 1 },
  'a window longer than the text': { window: 20 },
  'attention sinks': { window: 3, sinks: 2 },
  'rotary positions and sinks': { window: 4, sinks: 3, position: 'rotary' },
  'ALiBi, sinks and grouped queries': { window: 4, sinks: 2, heads: 4, keyValueHeads: 2, position: 'alibi' },
} as const;
for (const [name, options] of Object.entries(variants))
  keepsTheContract(name, new SlidingWindow({ width, heads: 2, ...options }) as unknown as AnyMemory);
