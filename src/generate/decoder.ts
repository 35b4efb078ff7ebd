// What generation asks of a model: to read token ids and say what may come next. Knows no model.
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';

/** What a decoder returns for the tokens it read. */
export interface DecoderReading {
  /** Of the token after each one read. */
  readonly logits: Tensor;
  /** What to go on from: a tree with the paths and types of `initialState`. */
  readonly state: Tree<Tensor>;
}

/** A model that reads tokens from left to right and carries what it remembers in a state. */
export interface Decoder {
  /** Number of token ids. */
  readonly vocabularySize: number;
  /** Tokens of the longest sequence it can read; Infinity where there is no bound. */
  readonly maxLength: number;
  /** The state before anything was read. */
  initialState(batch: number): Tree<TensorData>;
  /** Bytes that the state of one sequence holds after `length` tokens. */
  stateBytes(length: number): number;
  /**
   * Reads a segment.
   * @param ids int32 [batch, time]
   * @param state default: nothing was read before
   * @returns logits [batch, time, vocabularySize]
   */
  read(parameters: Tree<Tensor>, ids: Tensor, state?: Tree<Tensor>): DecoderReading;
  /**
   * Reads one token.
   * @param ids int32 [batch]
   * @returns logits [batch, vocabularySize]
   */
  step(parameters: Tree<Tensor>, ids: Tensor, state: Tree<Tensor>): DecoderReading;
}
