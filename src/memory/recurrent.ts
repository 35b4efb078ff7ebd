// Recurrent layers, stacked: what the simple recurrent network, the LSTM and the GRU share. Knows a cell only by its contract.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { Tensor } from '../engine/graph.js';
import type { Initializer } from '../nn/initializers.js';
import type { Memory, Reading, ReadOptions } from './memory.js';
import type { Cell, CellParameters, CellState } from './recurrent-cell.js';
import { ConfigError, invariant } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import { withScope } from '../engine/graph.js';
import { observe } from '../engine/observe.js';
import { full } from '../engine/ops/constant.js';
import { broadcastTo, transpose } from '../engine/ops/layout.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { where } from '../engine/ops/where.js';
import { Dropout } from '../nn/dropout.js';
import { requireAxes, requireWidth } from '../nn/layer.js';
import { initCell } from './cell-parameters.js';
import { presentTokens, readCell } from './cell-reading.js';
import { requireSizes } from '../nn/sizes.js';

export interface RecurrentOptions {
  /** Size of outputs and of the hidden state. */
  readonly width: number;
  /** Size of inputs. Default: `width`. */
  readonly inputSize?: number | undefined;
  /** Layers, each reading the outputs of the one below. Default: 1. */
  readonly layers?: number | undefined;
  /** Of what one layer hands to the next, while training. Default: 0. */
  readonly dropout?: number | undefined;
  /** Default: true. */
  readonly bias?: boolean | undefined;
  /** Normalize what gates get from the input and from the hidden state (Ba et al. 2016). Default: false. */
  readonly layerNorm?: boolean | undefined;
  /** Of weights and biases. Default: uniform in +-1/sqrt(width), as in PyTorch. */
  readonly initializer?: Initializer | undefined;
}

/** A reading of sequences that may be padded on the right. */
export interface RecurrentReadOptions extends ReadOptions {
  /**
   * int32 [batch]: tokens of each sequence, the rest is padding. Outputs of padding are 0, the final state is that at the
   * last token, and nothing flows into padding or out of it. Default: there is no padding.
   */
  readonly lengths?: Tensor | undefined;
  /** Read from the last token to the first; `state` is then what came after. Default: false. */
  readonly reverse?: boolean | undefined;
}

export interface RecurrentParameters<T> {
  readonly layers: readonly CellParameters<T>[];
}

/** What each layer carries, the lowest first. */
export interface RecurrentState<T> {
  readonly layers: readonly CellState<T>[];
}

/** A memory made of recurrent cells, one for each layer. Use it by the names of its kinds: `Rnn`, `Lstm`, `Gru`. */
export class Recurrent implements Memory<RecurrentParameters<TensorData>, RecurrentState<TensorData>> {
  readonly kind: string;
  readonly width: number;
  readonly inputSize: number;
  readonly layers: number;
  readonly layerNorm: boolean;
  /** Whether gates have biases, their own or those of layer norm. */
  readonly hasBiases: boolean;
  private readonly cell: Cell;
  private readonly initializer: Initializer;
  private readonly raisedBiases: Readonly<Record<string, number>>;
  private readonly dropout: Dropout;

  /**
   * @param raisedBiases added to the first biases of gates, by name
   * @throws {ConfigError} when a size is not a whole number above 0, or dropout has no place to act
   */
  constructor(cell: Cell, options: RecurrentOptions, raisedBiases: Readonly<Record<string, number>> = {}) {
    const { width, inputSize = width, layers = 1, dropout = 0, layerNorm = false } = options;
    requireSizes(cell.kind, { width, inputSize, layers });
    if (dropout > 0 && layers === 1) {
      throw new ConfigError(
        `${cell.kind}: dropout ${dropout} acts between layers, and there is one layer; raise layers, or leave dropout out.`,
      );
    }
    this.kind = cell.kind;
    this.width = width;
    this.inputSize = inputSize;
    this.layers = layers;
    this.layerNorm = layerNorm;
    this.hasBiases = layerNorm || (options.bias ?? true);
    this.cell = cell;
    this.initializer = options.initializer ?? { uniform: 1 / Math.sqrt(width) };
    this.raisedBiases = raisedBiases;
    this.dropout = new Dropout({ rate: dropout });
  }

  init(random: Random): RecurrentParameters<TensorData> {
    const layerRandom = random.split('layers');
    const { width, layerNorm, hasBiases: bias, initializer, raisedBiases } = this;
    const sizes = { width, layerNorm, bias, initializer, raisedBiases };
    return {
      layers: this.perLayer((layer) => {
        const inputSize = layer === 0 ? this.inputSize : width;
        return initCell(this.cell, { ...sizes, inputSize }, layerRandom.split(layer));
      }),
    };
  }

  initialState(batch: number): RecurrentState<TensorData> {
    const shape = [batch, this.width];
    const zeros = (): TensorData => new TensorData('float32', shape, new Float32Array(batch * this.width));
    return { layers: this.perLayer(() => this.stateOf(zeros)) };
  }

  stateBytes(): number {
    return 4 * this.width * this.layers * (this.cell.hasCell ? 2 : 1);
  }

  /**
   * Reads a whole segment. Shows the activations of the gates of each layer, [batch, time, width].
   * @param x [batch, time, inputSize]
   * @returns output [batch, time, width]
   * @throws {ShapeError} when the input or the lengths do not fit
   */
  read(
    parameters: RecurrentParameters<Tensor>,
    x: Tensor,
    state?: RecurrentState<Tensor>,
    { key, lengths, reverse }: RecurrentReadOptions = {},
  ): Reading<RecurrentState<TensorData>> {
    requireAxes(this.name, x, ['batch', 'time', 'width']);
    requireWidth(this.name, x, this.inputSize);
    const [batch = 0, time = 0] = x.shape;
    const present = lengths && presentTokens(this.name, x, lengths);
    const start = state ?? { layers: this.perLayer(() => this.emptyState(batch)) };
    if (time === 0) return { output: broadcastTo(full(0), [batch, 0, this.width]), state: start };
    let current = transpose(x, [1, 0, 2]); // [time, batch, inputSize]
    const layers = parameters.layers.map((own, layer) => {
      if (layer > 0) current = this.dropout.apply(current, key && foldIn(key, layer));
      const reading = withScope(`layers.${layer}`, () =>
        readCell(this.cell.bind(own), current, stateAt(start, layer), { present, reverse }),
      );
      current = reading.output;
      return reading.state;
    });
    const output = present === undefined ? current : where(present, current, 0);
    return { output: transpose(output, [1, 0, 2]), state: { layers } };
  }

  step(
    parameters: RecurrentParameters<Tensor>,
    x: Tensor,
    state: RecurrentState<Tensor>,
  ): Reading<RecurrentState<TensorData>> {
    requireWidth(this.name, x, this.inputSize);
    let output = x;
    const layers = parameters.layers.map((own, layer) =>
      withScope(`layers.${layer}`, () => {
        const cell = this.cell.bind(own);
        const { state: next, shown } = cell.step(cell.fromInput(output), stateAt(state, layer));
        for (const [name, gate] of Object.entries(shown)) observe(name, gate);
        output = next.hidden;
        return next;
      }),
    );
    return { output, state: { layers } };
  }

  private emptyState(batch: number): CellState<Tensor> {
    return this.stateOf(() => broadcastTo(full(0), [batch, this.width]));
  }

  private stateOf<T>(zeros: () => T): CellState<T> {
    return this.cell.hasCell ? { hidden: zeros(), cell: zeros() } : { hidden: zeros() };
  }

  private perLayer<T>(make: (layer: number) => T): readonly T[] {
    return Array.from({ length: this.layers }, (_, layer) => make(layer));
  }

  /** For errors: `Gru(64 -> 256)`. */
  private get name(): string {
    return `${this.kind.charAt(0).toUpperCase()}${this.kind.slice(1)}(${this.inputSize} -> ${this.width})`;
  }
}

function stateAt(state: RecurrentState<Tensor>, layer: number): CellState<Tensor> {
  const own = state.layers[layer];
  invariant(own !== undefined, `The state has no layer ${layer}.`);
  return own;
}

const initializer = z.union([
  z.enum(['zeros', 'ones', 'fan-in-uniform']),
  z.strictObject({ normal: z.number().positive() }),
  z.strictObject({ uniform: z.number().positive() }),
]);

/** What a configuration can say of every stack of recurrent layers. */
export const recurrentFields = {
  layers: z.int().positive().default(1),
  dropout: z.number().min(0).max(0.99).default(0),
  bias: z.boolean().optional(),
  layerNorm: z.boolean().default(false),
  initializer: initializer.optional(),
} as const;
