// First parameters of one recurrent layer. Knows a cell only by its contract.
import type { Random } from '../core/random.js';
import type { Initializer } from '../nn/initializers.js';
import type { LayerNormParameters } from '../nn/layer-norm.js';
import type { Cell, CellParameters, NormName } from './recurrent-cell.js';
import { TensorData } from '../core/tensor-data.js';
import { initialize } from '../nn/initializers.js';
import { LayerNorm } from '../nn/layer-norm.js';

export interface CellSizes {
  readonly inputSize: number;
  readonly width: number;
  /** Whether there are biases; layer norm has its own anyway. */
  readonly bias: boolean;
  readonly layerNorm: boolean;
  /** Of weights and biases. */
  readonly initializer: Initializer;
  /** Added to the first biases of gates, by name. */
  readonly raisedBiases?: Readonly<Record<string, number>>;
}

export function initCell(cell: Cell, sizes: CellSizes, random: Random): CellParameters<TensorData> {
  const { inputSize, width, bias, layerNorm, initializer, raisedBiases = {} } = sizes;
  const columns = cell.gates.length * width;
  const parameter = (name: string, shape: readonly number[]): TensorData =>
    initialize(initializer, shape, random.split(name));
  const raised = (first: TensorData): TensorData => {
    const additions = cell.gates.map((gate) => raisedBiases[gate] ?? 0);
    const values = Float32Array.from(
      first.data as Float32Array,
      (value, column) => value + (additions[Math.floor(column / width)] ?? 0),
    );
    return new TensorData('float32', first.shape, values);
  };
  const weights = {
    inputWeight: parameter('inputWeight', [inputSize, columns]),
    hiddenWeight: parameter('hiddenWeight', [width, columns]),
  };
  if (layerNorm) return { ...weights, ...initNorms(cell, width, raised, random) };
  if (!bias) return weights;
  const inputBias = raised(parameter('inputBias', [columns]));
  return { ...weights, inputBias, hiddenBias: parameter('hiddenBias', [columns]) };
}

/** @param raised what becomes of the bias of the input's norm */
function initNorms(
  cell: Cell,
  width: number,
  raised: (bias: TensorData) => TensorData,
  random: Random,
): Readonly<Partial<Record<NormName, LayerNormParameters<TensorData>>>> {
  const norms = Object.entries(cell.norms ?? {}).map(([name, widths]) => {
    const { scale, bias } = new LayerNorm({ width: widths * width }).init(random);
    return [name, { scale, bias: name === 'inputNorm' ? raised(bias) : bias }] as const;
  });
  return Object.fromEntries(norms);
}
