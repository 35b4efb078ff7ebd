// The gate of a pointer-generator: whether the next token comes from the vocabulary or from the source. Knows nothing of the networks around it.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { LinearParameters } from './linear.js';
import type { Pointer } from './pointer-mixture.js';
import { withScope } from '../engine/graph.js';
import { add, mul } from '../engine/ops/arithmetic.js';
import { expandDims, reshape } from '../engine/ops/layout.js';
import { sum } from '../engine/ops/reduce.js';
import { Linear } from './linear.js';

export interface PointerGeneratorOptions {
  /** Of the state that the vocabulary's distribution is computed from. */
  readonly hiddenSize: number;
  /** Of the embedding of the token before. */
  readonly inputSize: number;
  /** Of what was read of each token of the source. */
  readonly contextWidth: number;
}

export interface PointerGeneratorParameters<T> {
  /** hiddenSize -> 1 */
  readonly hidden: LinearParameters<T>;
  /** inputSize -> 1, without bias: that of the hidden state does */
  readonly input: LinearParameters<T>;
  /** contextWidth -> 1, without bias */
  readonly context: LinearParameters<T>;
}

/** What a source offers to those that copy from it. */
export interface Copyable<T> {
  /** int32 [batch, sourceTime]: its tokens */
  readonly tokens: T;
  /** [batch, sourceTime]: what the gate sees of each of them */
  readonly gates: T;
}

/** Places in texts that look at sources; `rows` texts in a row look at the same one, such as the beams of a search. */
export interface Look {
  /** [batch * rows, time, sourceTime], summing to 1 over the source */
  readonly attention: Tensor;
  /** [batch * rows, time, hiddenSize] */
  readonly hidden: Tensor;
  /** [batch * rows, time, inputSize] */
  readonly input: Tensor;
}

/**
 * p_gen = sigmoid(w_h h* + w_s s + w_x x + b), where h* = sum_i a_i h_i is the source seen by attention a, s the state and x the
 * input. As w_h h* = sum_i a_i (w_h h_i), each token of the source is reduced to one number before anything looks at it.
 * Source: See et al. 2017, section 2.2, equation 8.
 */
export class PointerGenerator {
  private readonly layers: Readonly<Record<keyof PointerGeneratorParameters<unknown>, Linear>>;

  constructor({ hiddenSize, inputSize, contextWidth }: PointerGeneratorOptions) {
    this.layers = {
      hidden: new Linear({ inputSize: hiddenSize, outputSize: 1 }),
      input: new Linear({ inputSize, outputSize: 1, bias: false }),
      context: new Linear({ inputSize: contextWidth, outputSize: 1, bias: false }),
    };
  }

  init(random: Random): PointerGeneratorParameters<TensorData> {
    const { hidden, input, context } = this.layers;
    return {
      hidden: hidden.init(random.split('hidden')),
      input: input.init(random.split('input')),
      context: context.init(random.split('context')),
    };
  }

  /**
   * @param tokens int32 [batch, sourceTime]
   * @param annotations what was read of them: [batch, sourceTime, contextWidth]
   */
  offer(
    parameters: PointerGeneratorParameters<Tensor>,
    tokens: Tensor,
    annotations: Tensor,
  ): Copyable<Tensor> {
    return { tokens, gates: this.scores('context', parameters, annotations) };
  }

  /** The attention and the logit of p_gen: `rows * time` queries of each source. */
  point(
    parameters: PointerGeneratorParameters<Tensor>,
    { attention, hidden, input }: Look,
    { tokens, gates }: Copyable<Tensor>,
  ): Pointer {
    const [batch = 1, sourceTime = 1] = tokens.shape;
    const bySource = reshape(attention, [batch, -1, sourceTime]);
    const ofContext = sum(mul(bySource, expandDims(gates, 1)), -1); // [batch, queries]
    const own = add(this.scores('hidden', parameters, hidden), this.scores('input', parameters, input));
    return { gate: add(reshape(own, ofContext.shape), ofContext), attention: bySource, tokens };
  }

  /** One number for each vector of x: [..., width] to [...]. */
  private scores(
    part: keyof PointerGeneratorParameters<unknown>,
    parameters: PointerGeneratorParameters<Tensor>,
    x: Tensor,
  ): Tensor {
    const column = withScope(`pointer.${part}`, () => this.layers[part].apply(parameters[part], x));
    return reshape(column, x.shape.slice(0, -1));
  }
}
