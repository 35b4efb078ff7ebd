// Multi-head causal attention with a key/value cache: remembers every token, exactly, up to its capacity.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Source } from '../nn/attend.js';
import type { ByHead, HeadProjectionParameters, HeadProjectionsOptions } from '../nn/head-projections.js';
import type { Memory, Reading, ReadOptions } from './memory.js';
import type { PositionKind } from './memory-kind.js';
import { mapTree } from '../core/tree.js';
import { observe } from '../engine/observe.js';
import { add, sub } from '../engine/ops/arithmetic.js';
import { less } from '../engine/ops/comparison.js';
import { full, range } from '../engine/ops/constant.js';
import { updateSlice } from '../engine/ops/dynamic-slice.js';
import { expandDims, reshape, zerosLike } from '../engine/ops/layout.js';
import { concat, pad } from '../engine/ops/slicing.js';
import { where } from '../engine/ops/where.js';
import { alibiBias } from '../nn/alibi.js';
import { attendByHead } from '../nn/attend.js';
import { Dropout } from '../nn/dropout.js';
import { HeadProjections } from '../nn/head-projections.js';
import { badInput, requireAxes, requireWidth } from '../nn/layer.js';
import { Rotary } from '../nn/rotary.js';
import { causalBias, scaledDotProductAttention } from '../nn/scaled-dot-product-attention.js';
import { defineMemory, groupedHeadsField } from './memory-kind.js';
import { integerScalar, zeros } from './state.js';
import { requireCount } from './window-length.js';

export interface AttentionOptions extends Omit<HeadProjectionsOptions, 'name'> {
  /** Tokens the cache can hold. */
  readonly capacity: number;
  /** `rotary` and `alibi` act here; other kinds belong to the model. Default: `none`. */
  readonly position?: PositionKind | undefined;
  /** Of the output, while training. Default: 0. */
  readonly dropout?: number | undefined;
}

export type AttentionParameters<T> = HeadProjectionParameters<T>;

export interface AttentionState<T> {
  /** [batch, keyValueHeads, capacity, headSize]; zeros from `length` on */
  readonly keys: T;
  /** [batch, keyValueHeads, capacity, headSize]; zeros from `length` on */
  readonly values: T;
  /** int32 scalar: tokens read so far */
  readonly length: T;
}

/**
 * softmax(q k^T / sqrt(headSize)) v over all tokens read so far.
 * Sources: Vaswani et al. 2017, section 3.2; grouped queries: Ainslie et al. 2023; rotary positions: Su et al. 2021;
 * ALiBi: Press et al. 2022.
 */
export class Attention implements Memory<AttentionParameters<TensorData>, AttentionState<TensorData>> {
  readonly kind = 'attention';
  readonly width: number;
  readonly capacity: number;
  private readonly projections: HeadProjections;
  private readonly rotary: Rotary | undefined;
  private readonly alibi: boolean;
  private readonly dropout: Dropout;

  /** @throws {ConfigError} when there is room for no token, or heads do not divide */
  constructor({ capacity, position, dropout = 0, ...options }: AttentionOptions) {
    this.width = options.width;
    this.capacity = requireCount(this.kind, 'capacity', capacity, 1);
    this.projections = new HeadProjections({ name: 'attention', ...options });
    const { headSize } = this.projections;
    this.rotary = position === 'rotary' ? new Rotary({ headSize }) : undefined;
    this.alibi = position === 'alibi';
    this.dropout = new Dropout({ rate: dropout });
  }

  init(random: Random): AttentionParameters<TensorData> {
    return this.projections.init(random);
  }

  initialState(batch: number): AttentionState<TensorData> {
    const { keyValueHeads, headSize } = this.projections;
    const cache = (): TensorData => zeros(batch, keyValueHeads, this.capacity, headSize);
    return { keys: cache(), values: cache(), length: integerScalar(0) };
  }

  /** The cache is allocated for its whole capacity, whatever was read. */
  stateBytes(): number {
    const { keyValueHeads, headSize } = this.projections;
    return 2 * 4 * keyValueHeads * this.capacity * headSize + 4;
  }

  read(
    parameters: AttentionParameters<Tensor>,
    x: Tensor,
    state?: AttentionState<Tensor>,
    options: ReadOptions = {},
  ): Reading<AttentionState<TensorData>> {
    const segment = this.project(parameters, x, state?.length ?? 0);
    const [batch = 0, time = 0] = x.shape;
    if (time === 0) return { output: x, state: state ?? mapTree(this.initialState(batch), zerosLike) };
    const { query, key, value } = segment;
    const attended =
      state === undefined
        ? scaledDotProductAttention(query, key, value, { causal: true, alibi: this.alibi })
        : this.attendWithCache(state, segment);
    const output = this.projections.output(parameters, attended);
    return { output: this.dropout.apply(output, options.key), state: this.extended(state, segment) };
  }

  step(
    parameters: AttentionParameters<Tensor>,
    x: Tensor,
    state: AttentionState<Tensor>,
  ): Reading<AttentionState<TensorData>> {
    const { output, state: next } = this.read(parameters, expandDims(x, 1), state);
    return { output: reshape(output, x.shape), state: next };
  }

  private project(parameters: AttentionParameters<Tensor>, x: Tensor, start: Tensor | number): ByHead {
    const name = `Attention(${this.width}, ${this.projections.heads} heads)`;
    requireAxes(name, x, ['batch', 'time', 'width']);
    requireWidth(name, x, this.width);
    if ((x.shape[1] ?? 0) > this.capacity)
      throw badInput(name, x, `at most ${this.capacity} tokens fit; shorten it or raise capacity`);
    const { query, key, value } = this.projections.all(parameters, x);
    const turned = (heads: Tensor): Tensor => this.rotary?.apply(heads, start) ?? heads;
    return { query: turned(query), key: turned(key), value };
  }

  /** The cache is looked at as it was, beside the segment, so that nothing of it is copied. */
  private attendWithCache({ keys, values, length }: AttentionState<Tensor>, segment: ByHead): Tensor {
    const { query, key, value } = segment;
    const time = query.shape[2] ?? 0;
    const cached = where(
      less(range(this.capacity), length),
      this.offsets(sub(range(this.capacity), length)),
      -Infinity,
    );
    const own = add(causalBias(time), this.offsets(range(time)));
    const sources: Source[] = [
      { query, key: keys, value: values, bias: cached },
      { query, key, value, bias: own },
    ];
    const { output, probabilities } = attendByHead(sources);
    observe('probabilities', concat(probabilities));
    return output;
  }

  /** What positions add to scores: broadcasts to [heads, queries, keys]. */
  private offsets(positions: Tensor): Tensor {
    return this.alibi ? expandDims(alibiBias(positions, this.projections.heads), 1) : full(0);
  }

  /** The cache with a segment's keys and values written behind the old ones. */
  private extended(
    state: AttentionState<Tensor> | undefined,
    { key, value }: ByHead,
  ): AttentionState<Tensor> {
    const time = key.shape[2] ?? 0;
    const rest = [
      [0, 0],
      [0, 0],
      [0, this.capacity - time],
      [0, 0],
    ];
    if (state === undefined)
      return { keys: pad(key, rest), values: pad(value, rest), length: full(time, 'int32') };
    return {
      keys: updateSlice(state.keys, key, state.length, 2),
      values: updateSlice(state.values, value, state.length, 2),
      length: add(state.length, time),
    };
  }
}

export const attentionKind = defineMemory({
  kind: 'attention',
  options: z.strictObject(groupedHeadsField),
  groupsHeads: true,
  create: ({ maxLength, ...shared }, { keyValueHeads = shared.keyValueHeads }) =>
    new Attention({ ...shared, keyValueHeads, capacity: maxLength }),
});
