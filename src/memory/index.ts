// The public names of memory: the contract, and every memory. Knows no model.
export type { AttentionOptions, AttentionParameters, AttentionState } from './attention.js';
export { Attention } from './attention.js';
export type { MemoryOptions } from './create-memory.js';
export { createMemory, memoryKinds } from './create-memory.js';
export type { GruOptions, GruParameters, GruState } from './gru.js';
export { Gru } from './gru.js';
export type { Memory, Reading, ReadOptions } from './memory.js';
