// The gated recurrent unit: one vector of memory, rewritten a little with every token.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { Tensor } from '../engine/graph.js';
import type { Memory, Reading } from './memory.js';
import { TensorData } from '../core/tensor-data.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { broadcastTo, transpose } from '../engine/ops/layout.js';
import { split } from '../engine/ops/slicing.js';
import { full } from '../engine/ops/constant.js';
import { matmul } from '../engine/ops/matmul.js';
import { scan } from '../engine/ops/scan.js';
import { sigmoid, tanh } from '../engine/ops/unary.js';
import { initialize } from '../nn/initializers.js';
import { requireAxes, requireWidth } from '../nn/layer.js';
import { defineMemory } from './memory-kind.js';

export interface GruOptions {
  /** Size of inputs, outputs and of the hidden state, unless `inputSize` says otherwise for inputs. */
  readonly width: number;
  /** Default: `width`. */
  readonly inputSize?: number;
}

/** Gates in the order reset, update, new, as in PyTorch. */
export interface GruParameters<T> {
  /** [inputSize, 3 width] */
  readonly inputWeight: T;
  /** [width, 3 width] */
  readonly hiddenWeight: T;
  /** [3 width] */
  readonly inputBias: T;
  /** [3 width] */
  readonly hiddenBias: T;
}

export interface GruState<T> {
  /** [batch, width] */
  readonly hidden: T;
}

/** One part for each gate. */
interface Gates {
  readonly reset: Tensor;
  readonly update: Tensor;
  readonly fresh: Tensor;
}

function gatesOf(tensor: Tensor): Gates {
  const width = (tensor.shape.at(-1) ?? 0) / 3;
  const [reset, update, fresh] = split(tensor, [width, width, width]) as [Tensor, Tensor, Tensor];
  return { reset, update, fresh };
}

/**
 * r = sigmoid(x Wr + h Ur + br), z = sigmoid(x Wz + h Uz + bz), n = tanh(x Wn + b + r (h Un + c)), h' = (1 - z) n + z h.
 * Source: Cho et al. 2014, with the reset gate applied after the product, as in PyTorch and cuDNN.
 */
export class Gru implements Memory<GruParameters<TensorData>, GruState<TensorData>> {
  readonly kind = 'gru';
  readonly width: number;
  readonly inputSize: number;

  constructor({ width, inputSize = width }: GruOptions) {
    this.width = width;
    this.inputSize = inputSize;
  }

  /** Uniform in +-1/sqrt(width), as in PyTorch. */
  init(random: Random): GruParameters<TensorData> {
    const { width, inputSize } = this;
    const uniform = (name: string, shape: readonly number[]): TensorData =>
      initialize({ uniform: 1 / Math.sqrt(width) }, shape, random.split(name));
    return {
      inputWeight: uniform('inputWeight', [inputSize, 3 * width]),
      hiddenWeight: uniform('hiddenWeight', [width, 3 * width]),
      inputBias: uniform('inputBias', [3 * width]),
      hiddenBias: uniform('hiddenBias', [3 * width]),
    };
  }

  initialState(batch: number): GruState<TensorData> {
    return { hidden: new TensorData('float32', [batch, this.width], new Float32Array(batch * this.width)) };
  }

  stateBytes(): number {
    return 4 * this.width;
  }

  /** What does not depend on the hidden state is one product over all time steps, before the loop. */
  read(
    parameters: GruParameters<Tensor>,
    x: Tensor,
    state?: GruState<Tensor>,
  ): Reading<GruState<TensorData>> {
    const name = `Gru(${this.inputSize} -> ${this.width})`;
    requireAxes(name, x, ['batch', 'time', 'width']);
    requireWidth(name, x, this.inputSize);
    const [batch = 0, time = 0] = x.shape;
    if (time === 0) return { output: x, state: state ?? this.emptyState(batch) };
    const byTime = transpose(x, [1, 0, 2]); // [time, batch, inputSize]
    const step = this.stepFunction(parameters);
    const { carry, ys } = scan(
      (hidden: Tensor, gates: Gates) => {
        const next = step(gates, hidden);
        return { carry: next, y: next };
      },
      (state ?? this.emptyState(batch)).hidden,
      this.inputGates(parameters, byTime),
    );
    return { output: transpose(ys, [1, 0, 2]), state: { hidden: carry } };
  }

  step(parameters: GruParameters<Tensor>, x: Tensor, state: GruState<Tensor>): Reading<GruState<TensorData>> {
    requireWidth(`Gru(${this.inputSize} -> ${this.width})`, x, this.inputSize);
    const hidden = this.stepFunction(parameters)(this.inputGates(parameters, x), state.hidden);
    return { output: hidden, state: { hidden } };
  }

  private emptyState(batch: number): GruState<Tensor> {
    return { hidden: broadcastTo(full(0), [batch, this.width]) };
  }

  /** The parts of the gates that come from the input: [..., inputSize] to [..., width] each. */
  private inputGates({ inputWeight, inputBias, hiddenBias }: GruParameters<Tensor>, x: Tensor): Gates {
    const weights = gatesOf(inputWeight);
    const bias = gatesOf(inputBias);
    // The hidden biases of r and z are only ever added, so they are added here; that of n stands inside a product.
    const hidden = gatesOf(hiddenBias);
    return {
      reset: add(matmul(x, weights.reset), add(bias.reset, hidden.reset)),
      update: add(matmul(x, weights.update), add(bias.update, hidden.update)),
      fresh: add(matmul(x, weights.fresh), bias.fresh),
    };
  }

  /** One step, from the input's parts of the gates and the hidden state [batch, width]. */
  private stepFunction({
    hiddenWeight,
    hiddenBias,
  }: GruParameters<Tensor>): (gates: Gates, h: Tensor) => Tensor {
    const weights = gatesOf(hiddenWeight);
    const { fresh: freshBias } = gatesOf(hiddenBias);
    return (gates, h) => {
      const r = sigmoid(add(gates.reset, matmul(h, weights.reset)));
      const z = sigmoid(add(gates.update, matmul(h, weights.update)));
      const n = tanh(add(gates.fresh, mul(r, add(matmul(h, weights.fresh), freshBias))));
      return add(n, mul(z, sub(h, n)));
    };
  }
}

export const gruKind = defineMemory({
  kind: 'gru',
  options: z.strictObject({}),
  create: ({ width }) => new Gru({ width }),
});
