// The contract of every short-term memory: a layer with a state that it carries while it reads. Knows no particular memory.
import type { Random } from '../core/random.js';
import type { Symbolic } from '../engine/compile.js';
import type { Tensor } from '../engine/graph.js';

/** What a memory returns for what it read: one output for each input, and the state to go on from. */
export interface Reading<State> {
  readonly output: Tensor;
  readonly state: Symbolic<State>;
  /** Scalar that training minimizes beside the loss of the task, already weighted; only with a key, that is in training. */
  readonly auxiliaryLoss?: Tensor;
}

/** What the caller decides about a reading. */
export interface ReadOptions {
  /** Key of the random numbers for dropout, uint32[2], given in training; without it nothing is dropped. */
  readonly key?: Tensor;
}

/**
 * A layer with state. Reading a segment equals stepping through it, and any cut of a sequence into segments gives the
 * same outputs and the same final state.
 *
 * `Parameters` and `State` are trees with `TensorData` leaves; inside of a graph the same trees hold symbolic tensors.
 * A leaf of the state is either a scalar that all sequences share, or has the batch as its first axis, so that sequences
 * can be chosen and put in another order. What is worth looking at is shown with `observe` of the engine.
 */
export interface Memory<Parameters, State> {
  /** Name in a configuration: `attention`, `gru`, ... */
  readonly kind: string;
  /** Size of the last axis of inputs and outputs. */
  readonly width: number;
  /** Tokens that fit, after which the caller has to begin anew. Absent: no bound. */
  readonly capacity?: number;
  init(random: Random): Parameters;
  /** The state before anything was read. */
  initialState(batch: number): State;
  /**
   * Reads a whole segment.
   * @param x [batch, time, width]
   * @param state default: nothing was read before, which may be computed faster
   * @returns output [batch, time, width]
   */
  read(
    parameters: Symbolic<Parameters>,
    x: Tensor,
    state?: Symbolic<State>,
    options?: ReadOptions,
  ): Reading<State>;
  /**
   * Reads one token.
   * @param x [batch, width]
   * @returns output [batch, width]
   */
  step(parameters: Symbolic<Parameters>, x: Tensor, state: Symbolic<State>): Reading<State>;
  /** Bytes that the state of one sequence holds after `length` tokens. */
  stateBytes(length: number): number;
}
