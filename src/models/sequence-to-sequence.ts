// What every model that writes one sequence in the light of another has in common. Knows no particular model.
import type { Random } from '../core/random.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { CrossEntropy } from '../nn/cross-entropy.js';

/** Sequences to read. */
export interface SourceTokens<T> {
  /** int32 [batch, sourceTime] */
  readonly source: T;
  /** int32 [batch]: how many of them are tokens and not padding */
  readonly sourceLengths: T;
}

/** A batch to learn from: sources and the texts that belong to them. */
export interface SequencePairs<T> extends SourceTokens<T> {
  /** int32 [batch, time]: the start token and all but the last target */
  readonly inputs: T;
  /** int32 [batch, time]; -1 is not counted */
  readonly targets: T;
  /** float32 [batch]: what the loss of each sequence is multiplied by; may be negative. Default: 1. */
  readonly weights?: T;
}

export interface WritingReading {
  /** [rows, time, vocabularySize], of the token after each one written; without the axis of time after a step */
  readonly logits: Tensor;
  readonly state: Tree<Tensor>;
  /** [rows, time, sourceTime], without the axis of time after a step: how much each token looked at each of the source, summing to 1. */
  readonly attention: Tensor;
}

/** What is kept of the sources while texts are written: `context` is only read, `state` changes with every token. */
export interface Beginning {
  /** Leaves have the batch of sources as their first axis. */
  readonly context: Tree<Tensor>;
  /** As the state of a memory: leaves are scalars, or have the batch as their first axis. */
  readonly state: Tree<Tensor>;
}

/** A model that writes one sequence in the light of another. */
export interface SequenceToSequence {
  /** Plain data with every choice made, from which the same model can be made again. */
  readonly config: object;
  /** Number of token ids that are written. */
  readonly vocabularySize: number;
  /** Tokens of the longest source. */
  readonly maxSourceLength: number;
  /** Tokens of the longest text. */
  readonly maxLength: number;
  /** New parameters: a tree, the same for the same random stream. */
  init(random: Random): object;
  /** Reads sources. @param capacity tokens that will be written at most */
  begin(parameters: Tree<Tensor>, source: SourceTokens<Tensor>, capacity: number): Beginning;
  /**
   * Writes one token of each text.
   * @param ids int32 [rows]: the tokens before; rows is a multiple of the sources, whose texts stand next to each other
   */
  step(parameters: Tree<Tensor>, ids: Tensor, state: Tree<Tensor>, context: Tree<Tensor>): WritingReading;
  /**
   * Cross-entropy of the targets, in nats; its mean is over all targets that count, whatever their weights.
   * @param options `key`: uint32[2] for dropout, absent in evaluation; `labelSmoothing` in [0, 1)
   */
  loss(
    parameters: Tree<Tensor>,
    pairs: SequencePairs<Tensor>,
    options?: { readonly key?: Tensor; readonly labelSmoothing?: number },
  ): CrossEntropy<Tensor>;
}
