// Recurrent layers that read in both directions, stacked: for encoders. No memory, because it looks ahead.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Layer } from '../nn/layer.js';
import type { CellParameters, CellState } from './recurrent-cell.js';
import type { Recurrent, RecurrentOptions } from './recurrent.js';
import { ConfigError, invariant } from '../core/errors.js';
import { withScope } from '../engine/graph.js';
import { add } from '../engine/ops/arithmetic.js';
import { foldIn } from '../engine/ops/random-bits.js';
import { concat } from '../engine/ops/slicing.js';
import { didYouMean } from '../core/nearest.js';
import { Dropout } from '../nn/dropout.js';

/** How what both directions say of a token becomes one vector. */
const joins = {
  concat: (forward: Tensor, backward: Tensor) => concat([forward, backward]),
  sum: (forward: Tensor, backward: Tensor) => add(forward, backward),
} as const;

export interface BidirectionalOptions {
  /** `concat`, as in PyTorch: twice the width; `sum`, as in the input fusion of DMN+. Default: `concat`. */
  readonly join?: keyof typeof joins | undefined;
}

/** Something for each direction. */
export interface BothDirections<T> {
  readonly forward: T;
  readonly backward: T;
}

export interface BidirectionalParameters<T> {
  readonly layers: readonly BothDirections<CellParameters<T>>[];
}

export interface BidirectionalState<T> {
  readonly layers: readonly BothDirections<CellState<T>>[];
}

export interface BidirectionalReadOptions {
  /** What was before the first token and after the last one. Default: nothing. */
  readonly state?: BidirectionalState<Tensor>;
  /** int32 [batch]: tokens of each sequence, the rest is padding on the right. Default: there is no padding. */
  readonly lengths?: Tensor;
  /** uint32[2], for dropout between layers; without it nothing is dropped. */
  readonly key?: Tensor;
}

export interface BidirectionalReading {
  /** [batch, time, outputSize]; 0 where there is padding */
  readonly output: Tensor;
  /** What each direction of each layer ended with: forward at the last token, backward at the first. */
  readonly state: BidirectionalState<Tensor>;
  /** The last hidden states of the top layer, joined as outputs are: [batch, outputSize]. */
  readonly summary: Tensor;
}

/**
 * Each layer reads what the layer below says, forwards and backwards. Padding takes no part in it.
 * Source: Schuster and Paliwal 1997; stacked as in PyTorch, where the next layer gets both directions.
 *
 * @example
 * const encoder = new Bidirectional(Gru, { inputSize: 64, width: 32, layers: 2, dropout: 0.1 });
 * const { output, summary } = encoder.read(parameters, x, { lengths });
 */
export class Bidirectional<Options extends RecurrentOptions> implements Layer<
  BidirectionalParameters<TensorData>
> {
  /** Size of the last axis of outputs. */
  readonly outputSize: number;
  /** One for each layer, used for both directions. */
  private readonly layers: readonly Recurrent[];
  private readonly join: keyof typeof joins;
  private readonly dropout: Dropout;

  /**
   * @param kind `Rnn`, `Lstm` or `Gru`
   * @param options those of the kind; `width` is that of one direction
   * @throws {ConfigError} when a size is not a whole number above 0, dropout has no place to act, or `join` is unknown
   */
  constructor(kind: new (options: Options) => Recurrent, options: Options & BidirectionalOptions) {
    const { width, inputSize = width, dropout = 0, join = 'concat' } = options;
    if (!Object.hasOwn(joins, join)) {
      const known = Object.keys(joins);
      throw new ConfigError(`Bidirectional: there is no join "${join}".${didYouMean(join, known)}`);
    }
    // Also checks the sizes, and the place of the dropout.
    const stack = new kind(options);
    this.join = join;
    this.outputSize = join === 'concat' ? 2 * width : width;
    this.layers = Array.from({ length: stack.layers }, (_, layer) => {
      return new kind({
        ...options,
        inputSize: layer === 0 ? inputSize : this.outputSize,
        layers: 1,
        dropout: 0,
      });
    });
    this.dropout = new Dropout({ rate: dropout });
  }

  init(random: Random): BidirectionalParameters<TensorData> {
    const layerRandom = random.split('layers');
    return {
      layers: this.layers.map((recurrent, layer) => {
        const own = (direction: string): CellParameters<TensorData> =>
          only(recurrent.init(layerRandom.split(layer).split(direction)).layers);
        return { forward: own('forward'), backward: own('backward') };
      }),
    };
  }

  /**
   * @param x [batch, time, inputSize]
   * @returns [batch, time, outputSize]
   */
  apply(parameters: BidirectionalParameters<Tensor>, x: Tensor): Tensor {
    return this.read(parameters, x).output;
  }

  /**
   * Shows the activations of the gates of each layer and direction, [batch, time, width].
   * @param x [batch, time, inputSize]
   * @throws {ShapeError} when the input or the lengths do not fit
   */
  read(
    parameters: BidirectionalParameters<Tensor>,
    x: Tensor,
    { state, lengths, key }: BidirectionalReadOptions = {},
  ): BidirectionalReading {
    let output = x;
    const layers = this.layers.map((recurrent, layer) => {
      const input = layer === 0 ? output : this.dropout.apply(output, key && foldIn(key, layer));
      const read = (direction: keyof BothDirections<unknown>) =>
        withScope(direction, () => {
          const own = parameters.layers[layer]?.[direction];
          invariant(own !== undefined, `The parameters have no layer ${layer}.`);
          const start = state?.layers[layer]?.[direction];
          const reverse = direction === 'backward';
          return recurrent.read({ layers: [own] }, input, start && { layers: [start] }, { lengths, reverse });
        });
      const [forward, backward] = [read('forward'), read('backward')];
      output = joins[this.join](forward.output, backward.output);
      return { forward: only(forward.state.layers), backward: only(backward.state.layers) };
    });
    const top = layers.at(-1);
    invariant(top !== undefined, 'There is a layer.');
    return {
      output,
      state: { layers },
      summary: joins[this.join](top.forward.hidden, top.backward.hidden),
    };
  }
}

function only<T>(items: readonly T[]): T {
  const [item] = items;
  invariant(item !== undefined, 'There is one layer.');
  return item;
}
