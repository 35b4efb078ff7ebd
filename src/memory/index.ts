// The public names of memory: the contract, and every memory. Knows no model.
export type { AttentionOptions, AttentionParameters, AttentionState } from './attention.js';
export { Attention } from './attention.js';
export type { MemoryConfig, MemoryConfigInput } from './create-memory.js';
export { createMemory, memoryKinds, parseMemoryConfig } from './create-memory.js';
export type { DeltaNetOptions, DeltaNetParameters, DeltaNetState } from './delta-net.js';
export { DeltaNet } from './delta-net.js';
export type { GruOptions, GruParameters, GruState } from './gru.js';
export { Gru } from './gru.js';
export type { LstmOptions } from './lstm.js';
export { Lstm } from './lstm.js';
export type { Memory, Reading, ReadOptions } from './memory.js';
export type { AnyMemory, MemoryKind, PositionKind, SharedMemoryOptions } from './memory-kind.js';
export { defineMemory, positionKinds } from './memory-kind.js';
export type { CellParameters, CellState } from './recurrent-cell.js';
export type { RecurrentOptions, RecurrentParameters, RecurrentState } from './recurrent.js';
export { Recurrent } from './recurrent.js';
export type { RnnOptions } from './rnn.js';
export { Rnn } from './rnn.js';
