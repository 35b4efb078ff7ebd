// Additive attention from one vector to a sequence. Knows nothing of the networks around it.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { LinearParameters } from './linear.js';
import { withScope } from '../engine/graph.js';
import { add } from '../engine/ops/arithmetic.js';
import { expandDims, reshape } from '../engine/ops/layout.js';
import { matmul } from '../engine/ops/matmul.js';
import { softmax } from '../engine/ops/softmax.js';
import { tanh } from '../engine/ops/unary.js';
import { requireAxes, requireWidth } from './layer.js';
import { Linear } from './linear.js';
import { maskBias } from './mask.js';

export interface AdditiveAttentionOptions {
  /** Of the vector that asks. */
  readonly queryWidth: number;
  /** Of the sequence that is looked at. */
  readonly contextWidth: number;
  /** Of the hidden layer that compares them. */
  readonly width: number;
}

export interface AdditiveAttentionParameters<T> {
  /** queryWidth -> width */
  readonly query: LinearParameters<T>;
  /** contextWidth -> width, without bias: that of the query does */
  readonly key: LinearParameters<T>;
  /** width -> 1, without bias: it would not change the softmax */
  readonly score: LinearParameters<T>;
}

/**
 * score_j = v tanh(W s + U h_j); output = sum_j softmax(score)_j h_j.
 * Source: Bahdanau et al. 2015, section 3.1 and appendix A.1.2.
 */
export class AdditiveAttention {
  private readonly options: AdditiveAttentionOptions;
  private readonly query: Linear;
  private readonly key: Linear;
  private readonly score: Linear;

  constructor(options: AdditiveAttentionOptions) {
    const { queryWidth, contextWidth, width } = options;
    this.options = options;
    this.query = new Linear({ inputSize: queryWidth, outputSize: width });
    this.key = new Linear({ inputSize: contextWidth, outputSize: width, bias: false });
    this.score = new Linear({ inputSize: width, outputSize: 1, bias: false });
  }

  init(random: Random): AdditiveAttentionParameters<TensorData> {
    return {
      query: this.query.init(random.split('query')),
      key: this.key.init(random.split('key')),
      score: this.score.init(random.split('score')),
    };
  }

  /**
   * U h_j, which does not depend on who asks.
   * @param context [batch, time, contextWidth]
   * @returns [batch, time, width]
   */
  keys(parameters: AdditiveAttentionParameters<Tensor>, context: Tensor): Tensor {
    requireAxes(this.name, context, ['batch', 'time', 'width']);
    return withScope('key', () => this.key.apply(parameters.key, context));
  }

  /**
   * @param query [batch * rows, queryWidth]: `rows` queries in a row look at the same context
   * @param keys of `keys()`: [batch, time, width]
   * @param context [batch, time, contextWidth]
   * @param mask bool [batch, time], true where there is a token; without it there is one everywhere
   * @returns `output` [batch * rows, contextWidth]; `weights` [batch * rows, time]
   */
  apply(
    parameters: AdditiveAttentionParameters<Tensor>,
    query: Tensor,
    keys: Tensor,
    context: Tensor,
    mask?: Tensor,
  ): { readonly output: Tensor; readonly weights: Tensor } {
    requireWidth(this.name, query, this.options.queryWidth);
    const [batch = 1, time = 1, width = 1] = keys.shape;
    const asked = withScope('query', () => this.query.apply(parameters.query, query));
    const compared = tanh(add(reshape(asked, [batch, -1, 1, width]), expandDims(keys, 1)));
    const rows = compared.shape[1] ?? 1;
    const scores = reshape(this.score.apply(parameters.score, compared), [batch, rows, time]);
    const masked = mask === undefined ? scores : add(scores, expandDims(maskBias(mask), 1));
    const weights = softmax(masked); // [batch, rows, time]
    const output = matmul(weights, context); // [batch, rows, contextWidth]
    return {
      output: reshape(output, [batch * rows, context.shape[2] ?? 0]),
      weights: reshape(weights, [batch * rows, time]),
    };
  }

  private get name(): string {
    const { queryWidth, contextWidth } = this.options;
    return `AdditiveAttention(${queryWidth} -> ${contextWidth})`;
  }
}
