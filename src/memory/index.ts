// The public names of memory: the contract, and every memory. Knows no model.
export type { BidirectionalOptions } from './bidirectional.js';
export { Bidirectional } from './bidirectional.js';
export type { AttentionOptions, AttentionParameters, AttentionState } from './attention.js';
export { Attention } from './attention.js';
export type { CompressiveOptions } from './compressive.js';
export { Compressive } from './compressive.js';
export type { MemoryConfig, MemoryConfigInput } from './create-memory.js';
export { createMemory, memoryKinds, parseMemoryConfig } from './create-memory.js';
export type { DeltaNetGates } from './delta-net.js';
export { DeltaNet } from './delta-net.js';
export type {
  FastWeightOptions,
  FastWeightParameters,
  FastWeightState,
} from './fast-weights/fast-weight-memory.js';
export { attentionGruCell } from './attention-gru.js';
export type { GatedReading, GatedReadingOptions } from './gated-reading.js';
export { readGated } from './gated-reading.js';
export type { GruOptions } from './gru.js';
export { Gru } from './gru.js';
export type { LongformerOptions } from './longformer.js';
export { Longformer } from './longformer.js';
export type { LstmOptions } from './lstm.js';
export { Lstm } from './lstm.js';
export type {
  InfiniAttentionOptions,
  InfiniAttentionParameters,
  InfiniAttentionState,
} from './infini-attention.js';
export { InfiniAttention } from './infini-attention.js';
export type { LinearAttentionGates } from './linear-attention.js';
export { LinearAttention } from './linear-attention.js';
export type {
  MemoryBankAnswer,
  MemoryBankOptions,
  MemoryBankParameters,
  MemoryBankState,
} from './memory-bank.js';
export { MemoryBank } from './memory-bank.js';
export type { Memory, Reading, ReadOptions } from './memory.js';
export type { AnyMemory, MemoryKind, PositionKind, SharedMemoryOptions } from './memory-kind.js';
export { defineMemory, positionKinds } from './memory-kind.js';
export type { NearestNeighbourOptions } from './nearest-neighbour.js';
export { NearestNeighbour } from './nearest-neighbour.js';
export type { CellParameters, CellState } from './recurrent-cell.js';
export type {
  RecurrentOptions,
  RecurrentParameters,
  RecurrentReadOptions,
  RecurrentState,
} from './recurrent.js';
export { Recurrent } from './recurrent.js';
export type { RnnOptions } from './rnn.js';
export { Rnn } from './rnn.js';
export type { SegmentOptions } from './segment-recurrence.js';
export { Segment } from './segment.js';
export type { SlidingWindowOptions } from './sliding-window.js';
export { SlidingWindow } from './sliding-window.js';
export type { TitansOptions, TitansParameters, TitansState } from './titans.js';
export { Titans } from './titans.js';
