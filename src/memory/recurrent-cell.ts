// What tells one recurrent layer from another: its gates and its step. Knows nothing of sequences or of stacks.
import type { Tensor } from '../engine/graph.js';
import type { LayerNormParameters } from '../nn/layer-norm.js';

/** Parameters of one layer. The gates stand side by side, in the order of the cell's `gates`. */
export interface CellParameters<T> {
  /** [inputSize, gates * width] */
  readonly inputWeight: T;
  /** [width, gates * width] */
  readonly hiddenWeight: T;
  /** [gates * width]; absent in a layer without biases, and with layer norm, which has biases of its own */
  readonly inputBias?: T;
  /** [gates * width]; absent as `inputBias` is */
  readonly hiddenBias?: T;
  /** With layer norm: of what the gates get from the input. */
  readonly inputNorm?: LayerNormParameters<T>;
  /** With layer norm: of what the gates get from the hidden state. */
  readonly hiddenNorm?: LayerNormParameters<T>;
  /** With layer norm, in the place of both: of their sum. */
  readonly sumNorm?: LayerNormParameters<T>;
  /** With layer norm: of the LSTM's cell, where it is read. */
  readonly cellNorm?: LayerNormParameters<T>;
}

/** The parts of a layer that layer norm can act on. */
export type NormName = 'inputNorm' | 'hiddenNorm' | 'sumNorm' | 'cellNorm';

/** What one layer carries from token to token. */
export interface CellState<T> {
  /** [batch, width]: the output at the last token */
  readonly hidden: T;
  /** [batch, width]; the LSTM's */
  readonly cell?: T;
}

/** One tensor for each gate, by name: [..., width]; or for each group of gates side by side: [..., gates * width]. */
export type Gates<Name extends string = string> = Readonly<Record<Name, Tensor>>;

/** What one step makes. */
export interface CellStep {
  readonly state: CellState<Tensor>;
  /** Activations of the gates, [batch, width] each, for people to look at. */
  readonly shown: Gates;
}

/** A cell that has its parameters. Its gates come in groups: those of one group are one product. */
export interface BoundCell<Group extends string = string> {
  /** What the gates get from the input, for any number of tokens at once: [..., inputSize] to [..., gates * width] each. */
  fromInput(x: Tensor): Gates<Group>;
  /** One step. @param fromInput [batch, gates * width] each */
  step(fromInput: Gates<Group>, state: CellState<Tensor>): CellStep;
}

/** One kind of recurrent layer. */
export interface Cell<Group extends string = string> {
  readonly kind: string;
  /** Names of the gates, in the order of their columns in the weights. */
  readonly gates: readonly string[];
  /** Whether it carries a cell beside the hidden state. */
  readonly hasCell: boolean;
  /** The size in widths of each of its layer norms. Absent: it cannot be normalized. */
  readonly norms?: Readonly<Partial<Record<NormName, number>>>;
  bind(parameters: CellParameters<Tensor>): BoundCell<Group>;
}
