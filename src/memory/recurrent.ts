// Recurrent layers, stacked: reads a sequence token by token with one cell per layer. Knows a cell only by its contract.
import type { Random } from '../core/random.js';
import type { Tensor } from '../engine/graph.js';
import type { Initializer } from '../nn/initializers.js';
import type { SharedMemoryOptions } from './memory-kind.js';
import type { Memory, Reading, ReadOptions } from './memory.js';
import type { Cell, CellParameters, CellState, Gates } from './recurrent-cell.js';
import { z } from 'zod';
import { ConfigError, invariant } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import { withScope } from '../engine/graph.js';
import { full } from '../engine/ops/constant.js';
import { broadcastTo, transpose } from '../engine/ops/layout.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { scan } from '../engine/ops/scan.js';
import { Dropout } from '../nn/dropout.js';
import { initialize } from '../nn/initializers.js';
import { requireAxes, requireWidth } from '../nn/layer.js';

export interface RecurrentOptions {
  /** Size of outputs and of the hidden state. */
  readonly width: number;
  /** Size of inputs. Default: `width`. */
  readonly inputSize?: number;
  /** Layers, each reading the outputs of the one below. Default: 1. */
  readonly layers?: number;
  /** Of what one layer hands to the next, while training. Default: 0. */
  readonly dropout?: number;
  /** Default: true. */
  readonly bias?: boolean;
  /** Of weights and biases. Default: uniform in +-1/sqrt(width), as in PyTorch. */
  readonly initializer?: Initializer;
}

export interface RecurrentParameters<T> {
  readonly layers: readonly CellParameters<T>[];
}

export interface RecurrentState<T> {
  readonly layers: readonly CellState<T>[];
}

/** Reads with one cell per layer. What does not depend on the state is one product over all time steps, before the loop. */
export class Recurrent implements Memory<RecurrentParameters<TensorData>, RecurrentState<TensorData>> {
  readonly kind: string;
  readonly width: number;
  readonly inputSize: number;
  readonly layers: number;
  readonly bias: boolean;
  private readonly cell: Cell;
  private readonly initializer: Initializer;
  private readonly dropout: Dropout;

  /** @throws {ConfigError} when a size is not a whole number above 0, or dropout has no place to act */
  constructor(cell: Cell, { width, inputSize = width, layers = 1, ...options }: RecurrentOptions) {
    for (const [name, size] of Object.entries({ width, inputSize, layers })) {
      if (Number.isInteger(size) && size > 0) continue;
      throw new ConfigError(`${cell.kind}: ${name} is ${size}; it must be a whole number above 0.`);
    }
    if ((options.dropout ?? 0) > 0 && layers === 1) {
      throw new ConfigError(
        `${cell.kind}: dropout ${options.dropout} acts between layers, and there is one layer; raise layers or leave dropout out.`,
      );
    }
    this.kind = cell.kind;
    this.width = width;
    this.inputSize = inputSize;
    this.layers = layers;
    this.bias = options.bias ?? true;
    this.cell = cell;
    this.initializer = options.initializer ?? { uniform: 1 / Math.sqrt(width) };
    this.dropout = new Dropout({ rate: options.dropout ?? 0 });
  }

  init(random: Random): RecurrentParameters<TensorData> {
    const layerRandom = random.split('layers');
    return { layers: this.perLayer((layer) => this.initLayer(layer, layerRandom.split(layer))) };
  }

  initialState(batch: number): RecurrentState<TensorData> {
    const shape = [batch, this.width];
    const zeros = (): TensorData => new TensorData('float32', shape, new Float32Array(batch * this.width));
    return { layers: this.perLayer(() => this.stateOf(zeros)) };
  }

  stateBytes(): number {
    return 4 * this.width * this.layers * (this.cell.hasCell ? 2 : 1);
  }

  read(
    parameters: RecurrentParameters<Tensor>,
    x: Tensor,
    state?: RecurrentState<Tensor>,
    { key }: ReadOptions = {},
  ): Reading<RecurrentState<TensorData>> {
    requireAxes(this.name, x, ['batch', 'time', 'width']);
    requireWidth(this.name, x, this.inputSize);
    const [batch = 0, time = 0] = x.shape;
    const start = state ?? { layers: this.perLayer(() => this.emptyState(batch)) };
    if (time === 0) return { output: broadcastTo(full(0), [batch, 0, this.width]), state: start };
    let current = transpose(x, [1, 0, 2]); // [time, batch, inputSize]
    const layers = parameters.layers.map((own, layer) => {
      if (layer > 0) current = this.dropout.apply(current, key && foldIn(key, layer));
      const { output, state: next } = this.readLayer(layer, own, current, at(start.layers, layer));
      current = output;
      return next;
    });
    return { output: transpose(current, [1, 0, 2]), state: { layers } };
  }

  step(
    parameters: RecurrentParameters<Tensor>,
    x: Tensor,
    state: RecurrentState<Tensor>,
  ): Reading<RecurrentState<TensorData>> {
    requireWidth(this.name, x, this.inputSize);
    let output = x;
    const layers = parameters.layers.map((own, layer) => {
      const cell = this.cell.bind(own);
      const { state: next } = cell.step(cell.fromInput(output), at(state.layers, layer));
      output = next.hidden;
      return next;
    });
    return { output, state: { layers } };
  }

  /** @param x [time, batch, inputSize] @returns output [time, batch, width] */
  private readLayer(layer: number, own: CellParameters<Tensor>, x: Tensor, start: CellState<Tensor>) {
    return withScope(`layers.${layer}`, () => {
      const cell = this.cell.bind(own);
      const step = (state: CellState<Tensor>, fromInput: Gates) => {
        const { state: next } = cell.step(fromInput, state);
        return { carry: next, y: next.hidden };
      };
      const { carry, ys } = scan(step, start, cell.fromInput(x));
      return { output: ys, state: carry };
    });
  }

  private initLayer(layer: number, random: Random): CellParameters<TensorData> {
    const { width, bias } = this;
    const columns = this.cell.gates.length * width;
    const parameter = (name: string, shape: readonly number[]): TensorData =>
      initialize(this.initializer, shape, random.split(name));
    return {
      inputWeight: parameter('inputWeight', [layer === 0 ? this.inputSize : width, columns]),
      hiddenWeight: parameter('hiddenWeight', [width, columns]),
      ...(bias && {
        inputBias: parameter('inputBias', [columns]),
        hiddenBias: parameter('hiddenBias', [columns]),
      }),
    };
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

  private get name(): string {
    return `${this.kind}(${this.inputSize} -> ${this.width})`;
  }
}

function at<T>(items: readonly T[], layer: number): T {
  const item = items[layer];
  invariant(item !== undefined, `The state has no layer ${layer}.`);
  return item;
}

const initializer = z.union([
  z.enum(['zeros', 'ones', 'fan-in-uniform']),
  z.strictObject({ normal: z.number().positive() }),
  z.strictObject({ uniform: z.number().positive() }),
]);

/** What a configuration can say of every recurrent memory. */
export const recurrentFields = {
  /** Layers, each reading the outputs of the one below. */
  layers: z.int().positive().default(1),
  /** Probability of dropping an element between layers, while training. */
  dropout: z.number().min(0).max(0.99).default(0),
  bias: z.boolean().optional(),
  initializer: initializer.optional(),
} as const;

/** Options of a recurrent memory from those of the model and its own. Widths and biases are the model's business. */
export function recurrentOptions<Own extends { readonly bias?: boolean | undefined }>(
  { width, bias }: SharedMemoryOptions,
  own: Own,
) {
  return { ...own, width, bias: own.bias ?? bias };
}
