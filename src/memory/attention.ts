// Multi-head causal attention with a key/value cache: remembers every token, exactly, up to its capacity.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { Tensor } from '../engine/graph.js';
import type { Initializer } from '../nn/initializers.js';
import type { LinearParameters } from '../nn/linear.js';
import type { Memory, Reading, ReadOptions } from './memory.js';
import { ConfigError } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import { withScope } from '../engine/graph.js';
import { add } from '../engine/ops/arithmetic.js';
import { lessOrEqual } from '../engine/ops/comparison.js';
import { full, range } from '../engine/ops/constant.js';
import { updateSlice } from '../engine/ops/dynamic-slice.js';
import { expandDims, reshape, transpose } from '../engine/ops/layout.js';
import { pad } from '../engine/ops/slicing.js';
import { where } from '../engine/ops/where.js';
import { Dropout } from '../nn/dropout.js';
import { badInput, requireAxes, requireWidth } from '../nn/layer.js';
import { Linear } from '../nn/linear.js';
import { Rotary } from '../nn/rotary.js';
import { scaledDotProductAttention } from '../nn/scaled-dot-product-attention.js';
import { defineMemory } from './memory-kind.js';

export interface AttentionOptions {
  readonly width: number;
  readonly heads: number;
  /** Heads of keys and values, shared by groups of query heads. Default: `heads`. */
  readonly keyValueHeads?: number;
  /** Tokens the cache can hold. */
  readonly capacity: number;
  /** Turn queries and keys by their positions. Default: false. */
  readonly rotary?: boolean;
  /** Default: true. */
  readonly bias?: boolean;
  /** Of the output, while training. Default: 0. */
  readonly dropout?: number;
  readonly weightInitializer?: Initializer;
  readonly outputInitializer?: Initializer;
}

export interface AttentionParameters<T> {
  readonly query: LinearParameters<T>;
  readonly key: LinearParameters<T>;
  readonly value: LinearParameters<T>;
  readonly output: LinearParameters<T>;
}

export interface AttentionState<T> {
  /** [batch, keyValueHeads, capacity, headSize]; zeros from `length` on */
  readonly keys: T;
  /** [batch, keyValueHeads, capacity, headSize]; zeros from `length` on */
  readonly values: T;
  /** int32 scalar: tokens read so far */
  readonly length: T;
}

/** Checks sizes that must divide. @throws {ConfigError} */
function requireDivisible(what: string, size: number, by: string, count: number): void {
  if (Number.isInteger(size / count)) return;
  throw new ConfigError(
    `attention: ${what} ${size} is not a multiple of ${by} ${count}; choose sizes that divide.`,
  );
}

/**
 * softmax(q k^T / sqrt(headSize)) v over all tokens read so far.
 * Sources: Vaswani et al. 2017, section 3.2; grouped queries: Ainslie et al. 2023.
 */
export class Attention implements Memory<AttentionParameters<TensorData>, AttentionState<TensorData>> {
  readonly kind = 'attention';
  readonly width: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly capacity: number;
  private readonly rotary: Rotary | undefined;
  private readonly dropout: Dropout;
  private readonly query: Linear;
  private readonly keyValue: Linear;
  private readonly output: Linear;

  /** @throws {ConfigError} when heads do not divide */
  constructor({ width, heads, keyValueHeads = heads, capacity, ...options }: AttentionOptions) {
    requireDivisible('width', width, 'heads', heads);
    requireDivisible('heads', heads, 'key/value heads', keyValueHeads);
    const { bias, weightInitializer, outputInitializer = weightInitializer } = options;
    this.width = width;
    this.heads = heads;
    this.keyValueHeads = keyValueHeads;
    this.headSize = width / heads;
    this.capacity = capacity;
    this.rotary = options.rotary ? new Rotary({ headSize: this.headSize }) : undefined;
    this.dropout = new Dropout({ rate: options.dropout ?? 0 });
    const linear = (outputSize: number, initializer: Initializer | undefined): Linear =>
      new Linear({ inputSize: width, outputSize, bias, weightInitializer: initializer });
    this.query = linear(width, weightInitializer);
    this.keyValue = linear(keyValueHeads * this.headSize, weightInitializer);
    this.output = linear(width, outputInitializer);
  }

  init(random: Random): AttentionParameters<TensorData> {
    return {
      query: this.query.init(random.split('query')),
      key: this.keyValue.init(random.split('key')),
      value: this.keyValue.init(random.split('value')),
      output: this.output.init(random.split('output')),
    };
  }

  initialState(batch: number): AttentionState<TensorData> {
    const shape = [batch, this.keyValueHeads, this.capacity, this.headSize];
    const zeros = (): TensorData =>
      new TensorData('float32', shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));
    return { keys: zeros(), values: zeros(), length: new TensorData('int32', [], Int32Array.of(0)) };
  }

  /** The cache is allocated for its whole capacity, whatever was read. */
  stateBytes(): number {
    return 2 * 4 * this.keyValueHeads * this.capacity * this.headSize + 4;
  }

  read(
    parameters: AttentionParameters<Tensor>,
    x: Tensor,
    state?: AttentionState<Tensor>,
    options: ReadOptions = {},
  ): Reading<AttentionState<TensorData>> {
    const { query, key, value } = this.project(parameters, x, state?.length ?? 0);
    const time = x.shape[1] ?? 0;
    const next =
      state === undefined ? this.startCache(key, value, time) : extendCache(state, key, value, time);
    const attended =
      state === undefined
        ? scaledDotProductAttention(query, key, value, { causal: true })
        : scaledDotProductAttention(query, next.keys, next.values, {
            bias: this.visible(state.length, time),
          });
    const joined = reshape(transpose(attended, [0, 2, 1, 3]), x.shape); // [batch, time, width]
    const output = withScope('output', () => this.output.apply(parameters.output, joined));
    return { output: this.dropout.apply(output, options.key), state: next };
  }

  step(
    parameters: AttentionParameters<Tensor>,
    x: Tensor,
    state: AttentionState<Tensor>,
  ): Reading<AttentionState<TensorData>> {
    const { output, state: next } = this.read(parameters, expandDims(x, 1), state);
    return { output: reshape(output, x.shape), state: next };
  }

  /** Queries, keys and values by head: [batch, heads, time, headSize]. */
  private project(parameters: AttentionParameters<Tensor>, x: Tensor, start: Tensor | number) {
    const name = `Attention(${this.width}, ${this.heads} heads)`;
    requireAxes(name, x, ['batch', 'time', 'width']);
    requireWidth(name, x, this.width);
    const [batch = 0, time = 0] = x.shape;
    if (time > this.capacity)
      throw badInput(name, x, `at most ${this.capacity} tokens fit; shorten it or raise capacity`);
    const byHead = (projected: Tensor, heads: number): Tensor =>
      transpose(reshape(projected, [batch, time, heads, this.headSize]), [0, 2, 1, 3]);
    const turned = (heads: Tensor): Tensor => this.rotary?.apply(heads, start) ?? heads;
    return {
      query: turned(
        byHead(
          withScope('query', () => this.query.apply(parameters.query, x)),
          this.heads,
        ),
      ),
      key: turned(
        byHead(
          withScope('key', () => this.keyValue.apply(parameters.key, x)),
          this.keyValueHeads,
        ),
      ),
      value: byHead(
        withScope('value', () => this.keyValue.apply(parameters.value, x)),
        this.keyValueHeads,
      ),
    };
  }

  private startCache(keys: Tensor, values: Tensor, time: number): AttentionState<Tensor> {
    const rest = [
      [0, 0],
      [0, 0],
      [0, this.capacity - time],
      [0, 0],
    ];
    return { keys: pad(keys, rest), values: pad(values, rest), length: full(time, 'int32') };
  }

  /** Bias [time, capacity] that shows query i the tokens up to its own position. */
  private visible(length: Tensor, time: number): Tensor {
    const positions = expandDims(add(range(time), length), 1); // [time, 1]
    return where(lessOrEqual(range(this.capacity), positions), 0, -Infinity);
  }
}

/** The cache with new keys and values written behind the old ones. */
function extendCache(
  state: AttentionState<Tensor>,
  keys: Tensor,
  values: Tensor,
  time: number,
): AttentionState<Tensor> {
  return {
    keys: updateSlice(state.keys, keys, state.length, 2),
    values: updateSlice(state.values, values, state.length, 2),
    length: add(state.length, time),
  };
}

export const attentionKind = defineMemory({
  kind: 'attention',
  options: z.strictObject({}),
  create: ({ maxLength, position, ...shared }) =>
    new Attention({ ...shared, capacity: maxLength, rotary: position === 'rotary' }),
});
