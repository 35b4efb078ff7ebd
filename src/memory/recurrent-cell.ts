// What tells one recurrent layer from another: its gates and its step. Knows nothing of sequences or of stacks.
import type { Tensor } from '../engine/graph.js';
import { add } from '../engine/ops/arithmetic.js';
import { matmul } from '../engine/ops/matmul.js';
import { split } from '../engine/ops/slicing.js';

/** Parameters of one layer. The gates stand side by side, in the order of the cell's `gates`. */
export interface CellParameters<T> {
  /** [inputSize, gates * width] */
  readonly inputWeight: T;
  /** [width, gates * width] */
  readonly hiddenWeight: T;
  /** [gates * width]; absent in a layer without biases */
  readonly inputBias?: T;
  /** [gates * width]; absent in a layer without biases */
  readonly hiddenBias?: T;
}

/** What one layer carries from token to token. */
export interface CellState<T> {
  /** [batch, width]: the output at the last token */
  readonly hidden: T;
  /** [batch, width]; the LSTM's */
  readonly cell?: T;
}

/** One tensor for each gate, by name: columns of a weight, a bias, or values [..., width]. */
export type Gates<Gate extends string = string, T = Tensor> = Readonly<Record<Gate, T>>;

/** A cell that has its parameters. */
export interface BoundCell<Gate extends string = string> {
  /** What the gates get from the input, for any number of tokens at once: [..., inputSize] to [..., width] each. */
  fromInput(x: Tensor): Gates<Gate>;
  /** One step. @param fromInput [batch, width] each */
  step(fromInput: Gates<Gate>, state: CellState<Tensor>): CellStep;
}

/** What one step makes. */
export interface CellStep {
  readonly state: CellState<Tensor>;
  /** Activations of the gates, [batch, width] each, for people to look at. */
  readonly shown: Gates;
}

/** One kind of recurrent layer. */
export interface Cell<Gate extends string = string> {
  readonly kind: string;
  /** Names of the gates, in the order of their columns in the weights. */
  readonly gates: readonly Gate[];
  /** Whether it carries a cell beside the hidden state. */
  readonly hasCell: boolean;
  bind(parameters: CellParameters<Tensor>): BoundCell<Gate>;
}

/** The columns [..., gates * width] of each gate. */
export function splitGates<Gate extends string>(columns: Tensor, gates: readonly Gate[]): Gates<Gate> {
  const width = (columns.shape.at(-1) ?? 0) / gates.length;
  const parts = split(
    columns,
    gates.map(() => width),
  );
  return Object.fromEntries(gates.map((gate, i) => [gate, parts[i]])) as Gates<Gate>;
}

/** a + b; `undefined` stands for zero. */
export function plus(a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined {
  return a === undefined || b === undefined ? (a ?? b) : add(a, b);
}

/** x W + b for each gate. @param bias [gates * width], or nothing */
export function gateProducts<Gate extends string>(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  gates: readonly Gate[],
): Gates<Gate> {
  const weights = splitGates(weight, gates);
  const biases = bias && splitGates(bias, gates);
  const products = gates.map((gate) => {
    const product = matmul(x, weights[gate]);
    return [gate, biases === undefined ? product : add(product, biases[gate])] as const;
  });
  return Object.fromEntries(products) as Gates<Gate>;
}
