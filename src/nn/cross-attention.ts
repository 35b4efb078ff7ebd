// Multi-head attention from one sequence to another, whose keys and values are computed once. Knows no cache and no beams.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Initializer } from './initializers.js';
import type { LinearParameters } from './linear.js';
import type { SelfAttentionParameters } from './self-attention.js';
import { ConfigError } from '../core/errors.js';
import { withScope } from '../engine/graph.js';
import { reshape } from '../engine/ops/layout.js';
import { mean } from '../engine/ops/reduce.js';
import { joinHeads, splitHeads } from './heads.js';
import { badInput, requireAxes, requireWidth } from './layer.js';
import { Linear } from './linear.js';
import { attentionProbabilities, scaledDotProductAttention } from './scaled-dot-product-attention.js';
import { maskBias } from './mask.js';

export interface CrossAttentionOptions {
  /** Of the sequence that asks, and of the output. */
  readonly width: number;
  readonly heads: number;
  /** Of the sequence that is looked at. Default: `width`. */
  readonly contextWidth?: number;
  readonly weightInitializer?: Initializer;
}

/** What a sequence offers to those that look at it. */
export interface KeysAndValues<T> {
  /** [batch, heads, contextTime, headSize] */
  readonly keys: T;
  /** [batch, heads, contextTime, headSize] */
  readonly values: T;
}

/** softmax(q k^T / sqrt(headSize)) v with keys and values of another sequence. Source: Vaswani et al. 2017, section 3.2.3. */
export class CrossAttention {
  readonly width: number;
  readonly heads: number;
  readonly contextWidth: number;
  private readonly own: Linear;
  private readonly context: Linear;

  /** @throws {ConfigError} when the width is not a multiple of the heads */
  constructor({ width, heads, contextWidth = width, weightInitializer }: CrossAttentionOptions) {
    if (width % heads !== 0) {
      throw new ConfigError(
        `cross-attention: width ${width} is not a multiple of heads ${heads}; choose sizes that divide.`,
      );
    }
    this.width = width;
    this.heads = heads;
    this.contextWidth = contextWidth;
    this.own = new Linear({ inputSize: width, outputSize: width, weightInitializer });
    this.context = new Linear({ inputSize: contextWidth, outputSize: width, weightInitializer });
  }

  init(random: Random): SelfAttentionParameters<TensorData> {
    return {
      query: this.own.init(random.split('query')),
      key: this.context.init(random.split('key')),
      value: this.context.init(random.split('value')),
      output: this.own.init(random.split('output')),
    };
  }

  /** @param context [batch, contextTime, contextWidth] */
  keysAndValues(parameters: SelfAttentionParameters<Tensor>, context: Tensor): KeysAndValues<Tensor> {
    requireAxes(this.name, context, ['batch', 'time', 'width']);
    requireWidth(this.name, context, this.contextWidth);
    const project = (scope: string, own: LinearParameters<Tensor>): Tensor =>
      splitHeads(
        withScope(scope, () => this.context.apply(own, context)),
        this.heads,
      );
    return { keys: project('key', parameters.key), values: project('value', parameters.value) };
  }

  /**
   * @param x [batch * rows, time, width]: `rows` sequences in a row look at the same context, such as the beams of a search
   * @param offered keys and values of `batch` contexts
   * @param mask bool [batch, contextTime], true where there is a token; without it there is one everywhere
   * @returns `output` [batch * rows, time, width]; `weights` [batch * rows, time, contextTime], the mean over heads
   */
  apply(
    parameters: SelfAttentionParameters<Tensor>,
    x: Tensor,
    { keys, values }: KeysAndValues<Tensor>,
    mask?: Tensor,
  ): { readonly output: Tensor; readonly weights: Tensor } {
    requireAxes(this.name, x, ['batch', 'time', 'width']);
    requireWidth(this.name, x, this.width);
    const [batch = 1, , contextTime = 1] = keys.shape;
    if ((x.shape[0] ?? 0) % batch !== 0)
      throw badInput(this.name, x, `its batch must be a multiple of the ${batch} contexts`);
    const query = withScope('query', () => this.own.apply(parameters.query, x));
    // Sequences that look at the same context become more time steps: one product for all of them.
    const together = splitHeads(reshape(query, [batch, -1, this.width]), this.heads);
    const bias = mask && reshape(maskBias(mask), [batch, 1, 1, contextTime]);
    const attended = scaledDotProductAttention(together, keys, values, bias && { bias });
    const output = withScope('output', () =>
      this.own.apply(parameters.output, reshape(joinHeads(attended), x.shape)),
    );
    // The same product as in the line above, which the optimizer of graphs finds: it is not computed twice.
    const weights = mean(attentionProbabilities(together, keys, bias), 1); // [batch, rows * time, contextTime]
    return { output, weights: reshape(weights, [x.shape[0] ?? 0, x.shape[1] ?? 0, contextTime]) };
  }

  private get name(): string {
    return `CrossAttention(${this.width}, ${this.heads} heads)`;
  }
}
