// What writing several texts side by side asks of a model. Knows no model and no way to choose tokens.
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';

/** Sequences to read before texts are written. */
export interface WriterSource<T> {
  /** int32 [texts, sourceTime] */
  readonly source: T;
  /** int32 [texts]: how many of them are tokens and not padding */
  readonly sourceLengths: T;
}

export interface WriterReading {
  /** [rows, vocabularySize], of the token after the one that was given */
  readonly logits: Tensor;
  readonly state: Tree<Tensor>;
  /** [rows, sourceTime]: how much was looked at each token of the source. Absent: the model does not look back at it. */
  readonly attention?: Tensor;
}

/**
 * A model that writes texts in the light of sources: each text for itself, but all in one step. Several rows may continue
 * the same text in different ways; they stand next to each other.
 */
export interface Writer {
  /** Number of token ids. */
  readonly vocabularySize: number;
  /** Tokens of the longest text, its start token included; Infinity where there is no bound. */
  readonly maxLength: number;
  /**
   * Reads sources.
   * @param capacity tokens that will be given to `step` at most
   * @returns `context`, which is only read, and `state`, which changes with every token; leaves have the texts as their first
   * axis, or are scalars that all share
   */
  begin(
    parameters: Tree<Tensor>,
    source: WriterSource<Tensor>,
    capacity: number,
  ): { readonly context: Tree<Tensor>; readonly state: Tree<Tensor> };
  /**
   * Reads the last token of each row.
   * @param ids int32 [rows], rows a multiple of the texts
   * @param state leaves have the rows as their first axis, or are scalars
   */
  step(parameters: Tree<Tensor>, ids: Tensor, state: Tree<Tensor>, context: Tree<Tensor>): WriterReading;
}
