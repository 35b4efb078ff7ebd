// What gates get from an input and from a hidden state: products with biases, or normalized. Knows no cell.
import type { Tensor } from '../engine/graph.js';
import type { LayerNormParameters } from '../nn/layer-norm.js';
import type { CellParameters, Gates } from './recurrent-cell.js';
import { invariant } from '../core/errors.js';
import { add } from '../engine/ops/arithmetic.js';
import { matmul } from '../engine/ops/matmul.js';
import { layerNorm } from '../engine/ops/normalization.js';
import { slice, split } from '../engine/ops/slicing.js';

/** x W + b, or layerNorm(x W), for the gates asked for, side by side: [..., size] to [..., asked * width]. */
export type GateProduct<Gate extends string> = (x: Tensor, asked: readonly Gate[]) => Tensor;

export interface GateProducts<Gate extends string> {
  readonly ofInput: GateProduct<Gate>;
  readonly ofHidden: GateProduct<Gate>;
}

/**
 * The two products of a layer. Biases of both are added to that of the input, which is made before the loop. Gates that are
 * asked for together are neighbours, are one product, and are normalized together: few large products in a loop are faster
 * than many small ones.
 * @param gates all gates, in the order of their columns
 * @param inside gates whose hidden bias belongs to the hidden product, because it is not just added to the other; they are
 * not asked for together with the others
 */
export function gateProducts<Gate extends string>(
  parameters: CellParameters<Tensor>,
  gates: readonly Gate[],
  inside: readonly Gate[] = [],
): GateProducts<Gate> {
  const { inputWeight, hiddenWeight, inputBias, hiddenBias, inputNorm, hiddenNorm } = parameters;
  const columns = columnsOf(gates);
  const stay = (asked: readonly Gate[]): boolean => asked.some((gate) => inside.includes(gate));
  const ofHidden = (asked: readonly Gate[]): Tensor | undefined => hiddenBias && columns(hiddenBias, asked);
  const ofInput = (asked: readonly Gate[]): Tensor | undefined => {
    const own = inputBias && columns(inputBias, asked);
    return stay(asked) ? own : plus(own, ofHidden(asked));
  };
  return {
    ofInput: product(columns, inputWeight, ofInput, inputNorm),
    ofHidden: product(
      columns,
      hiddenWeight,
      (asked) => (stay(asked) ? ofHidden(asked) : undefined),
      hiddenNorm,
    ),
  };
}

/** Each gate by itself: [..., gates * width] to [..., width]. @param gates in the order of their columns */
export function apart<Gate extends string>(together: Tensor, gates: readonly Gate[]): Gates<Gate> {
  const width = (together.shape.at(-1) ?? 0) / gates.length;
  const parts = split(
    together,
    gates.map(() => width),
  );
  return Object.fromEntries(gates.map((gate, i) => [gate, parts[i]])) as Gates<Gate>;
}

/** Takes the neighbouring columns of some gates out of those of all: [..., gates * width] to [..., asked * width]. */
type Columns<Gate extends string> = (all: Tensor, asked: readonly Gate[]) => Tensor;

function columnsOf<Gate extends string>(gates: readonly Gate[]): Columns<Gate> {
  return (all, asked) => {
    const first = gates.findIndex((gate) => gate === asked[0]);
    invariant(
      asked.every((gate, i) => gate === gates[first + i]),
      'Gates that are asked for together are neighbours.',
    );
    const width = (all.shape.at(-1) ?? 0) / gates.length;
    return slice(all, -1, first * width, (first + asked.length) * width);
  };
}

function product<Gate extends string>(
  columns: Columns<Gate>,
  weight: Tensor,
  bias: (asked: readonly Gate[]) => Tensor | undefined,
  norm: LayerNormParameters<Tensor> | undefined,
): GateProduct<Gate> {
  return (x, asked) => {
    const made = matmul(x, columns(weight, asked));
    if (norm === undefined) return sum(made, bias(asked));
    return normalized(made, { scale: columns(norm.scale, asked), bias: columns(norm.bias, asked) });
  };
}

/** Layer norm over the last axis, or nothing. The epsilon is that of the layer of this name. */
export function normalized(x: Tensor, norm: LayerNormParameters<Tensor> | undefined): Tensor {
  return norm === undefined ? x : layerNorm(x, norm.scale, norm.bias);
}

function sum(a: Tensor, b: Tensor | undefined): Tensor {
  return b === undefined ? a : add(a, b);
}

function plus(a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined {
  return a === undefined ? b : sum(a, b);
}
