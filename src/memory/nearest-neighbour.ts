// Attention to the last tokens, and to the few of a long past whose keys are nearest to the query.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { Tensor } from '../engine/graph.js';
import type { ByHead, HeadProjectionParameters, HeadProjectionsOptions } from '../nn/head-projections.js';
import type { Memory, Reading, ReadOptions } from './memory.js';
import type { PositionKind } from './memory-kind.js';
import type { Retrieved } from './retrieval.js';
import type { WindowCacheState } from './window-cache.js';
import { TensorData } from '../core/tensor-data.js';
import { observe } from '../engine/observe.js';
import { add, minimum, mul, sub } from '../engine/ops/arithmetic.js';
import { and, greaterOrEqual, lessOrEqual } from '../engine/ops/comparison.js';
import { full, range } from '../engine/ops/constant.js';
import { updateSlice } from '../engine/ops/dynamic-slice.js';
import { stopGradient } from '../engine/ops/identity.js';
import { gather } from '../engine/ops/indexing.js';
import { broadcastTo, expandDims, reshape } from '../engine/ops/layout.js';
import { sum } from '../engine/ops/reduce.js';
import { concat, slice } from '../engine/ops/slicing.js';
import { rsqrt, sigmoid } from '../engine/ops/unary.js';
import { where } from '../engine/ops/where.js';
import { Dropout } from '../nn/dropout.js';
import { HeadProjections } from '../nn/head-projections.js';
import { requireAxes, requireWidth } from '../nn/layer.js';
import { Rotary } from '../nn/rotary.js';
import { defineMemory } from './memory-kind.js';
import { retrieve } from './retrieval.js';
import { agesOf, asRing, inOrder, wrapped } from './ring.js';
import { integerScalar, zeros } from './state.js';
import { WindowCache } from './window-cache.js';
import { requireCount, windowFor } from './window-length.js';

export interface NearestNeighbourOptions extends Omit<HeadProjectionsOptions, 'name' | 'keyValueHeads'> {
  /** Tokens that local attention sees, the last of them the token itself. */
  readonly window: number;
  /** Tokens before the window that are kept to be searched. */
  readonly memories: number;
  /** Tokens that a query finds. Default: 32, or `memories` where that is less. */
  readonly neighbours?: number;
  /** `rotary` and `alibi` act in the window; what is searched has no positions. Default: `none`. */
  readonly position?: PositionKind | undefined;
  /** Of the output, while training. Default: 0. */
  readonly dropout?: number | undefined;
}

export interface NearestNeighbourParameters<T> extends HeadProjectionParameters<T> {
  /** [heads]: factor of the scores between keys and queries of length 1 */
  readonly scale: T;
  /** [heads]: the sigmoid of it is the share of what was found; the rest is local attention's */
  readonly gate: T;
}

export interface NearestNeighbourState<T> extends WindowCacheState<T> {
  /** [batch, heads, memories + window, headSize]: a ring of keys without positions; the newest are still in the window */
  readonly storedKeys: T;
  /** [batch, heads, memories + window, headSize] */
  readonly storedValues: T;
  /** int32 scalar: slot of that ring that the next token overwrites */
  readonly storeCursor: T;
}

const timeAxis = 2;

/** First factor of the scores: near the scale that trained heads of ordinary attention have. */
const initialScale = 10;

/**
 * g m + (1 - g) l by head, where l attends to the window, m to the `neighbours` keys of the `memories` tokens before the
 * window with the largest inner products, and g = sigmoid(gate). Keys and queries have length 1, so that old keys stay
 * comparable; nothing searched has a gradient. A token leaves the window for the store by itself, not with its segment as
 * in the paper, so that cuts of a text change nothing; and a query that finds nothing takes all from the window.
 * Source: Wu et al. 2022 (Memorizing Transformers), section 3; the learned scale: Henry et al. 2020.
 */
export class NearestNeighbour implements Memory<
  NearestNeighbourParameters<TensorData>,
  NearestNeighbourState<TensorData>
> {
  readonly kind = 'nearest-neighbour';
  readonly width: number;
  readonly window: number;
  readonly memories: number;
  readonly neighbours: number;
  private readonly projections: HeadProjections;
  private readonly cache: WindowCache;
  private readonly rotary: Rotary | undefined;
  private readonly dropout: Dropout;

  /** @throws {ConfigError} when a size is 0, more are to be found than are kept, or heads do not divide the width */
  constructor({ window, memories, neighbours, position, dropout = 0, ...options }: NearestNeighbourOptions) {
    this.width = options.width;
    this.window = requireCount(this.kind, 'window', window, 1);
    this.memories = requireCount(this.kind, 'memories', memories, 1);
    this.neighbours = requireCount(
      this.kind,
      'neighbours',
      neighbours ?? Math.min(32, memories),
      1,
      memories,
    );
    this.projections = new HeadProjections({ name: this.kind, ...options });
    const { heads, headSize } = this.projections;
    const alibi = position === 'alibi';
    this.cache = new WindowCache({ window, heads, keyValueHeads: heads, headSize, alibi, scale: 1 });
    this.rotary = position === 'rotary' ? new Rotary({ headSize }) : undefined;
    this.dropout = new Dropout({ rate: dropout });
  }

  init(random: Random): NearestNeighbourParameters<TensorData> {
    const { heads } = this.projections;
    const scale = new TensorData('float32', [heads], new Float32Array(heads).fill(initialScale));
    return { ...this.projections.init(random), scale, gate: zeros(heads) };
  }

  initialState(batch: number): NearestNeighbourState<TensorData> {
    const store = (): TensorData => zeros(...this.storeShape(batch));
    const cache = this.cache.initialState(batch);
    return { ...cache, storedKeys: store(), storedValues: store(), storeCursor: integerScalar(0) };
  }

  /** Window and store are allocated as a whole, whatever was read. */
  stateBytes(): number {
    const [, heads = 0, slots = 0, headSize = 0] = this.storeShape(1);
    return this.cache.stateBytes() + 2 * 4 * heads * slots * headSize + 4;
  }

  read(
    parameters: NearestNeighbourParameters<Tensor>,
    x: Tensor,
    state?: NearestNeighbourState<Tensor>,
    options: ReadOptions = {},
  ): Reading<NearestNeighbourState<TensorData>> {
    const name = `NearestNeighbour(${this.width}, ${this.projections.heads} heads)`;
    requireAxes(name, x, ['batch', 'time', 'width']);
    requireWidth(name, x, this.width);
    const [batch = 0, time = 0] = x.shape;
    const before = state ?? this.emptyState(batch);
    if (time === 0) return { output: x, state: before };
    const segment = this.project(parameters, x);
    const start = state?.length ?? 0;
    const turned = (heads: Tensor): Tensor => this.rotary?.apply(heads, start) ?? heads;
    const near = { ...segment, query: turned(segment.query), key: turned(segment.key) };
    const local = this.cache.read(before, near, undefined, state === undefined);
    const far =
      state !== undefined && time === 1
        ? this.searchRing(state, segment)
        : this.searchInOrder(state, segment);
    const heads = this.mix(parameters, local.attended, far);
    const output = this.projections.output(parameters, heads);
    const next = { ...local.state, ...this.stored(before, segment) };
    return { output: this.dropout.apply(output, options.key), state: next };
  }

  step(
    parameters: NearestNeighbourParameters<Tensor>,
    x: Tensor,
    state: NearestNeighbourState<Tensor>,
  ): Reading<NearestNeighbourState<TensorData>> {
    const { output, state: next } = this.read(parameters, expandDims(x, 1), state);
    return { output: reshape(output, x.shape), state: next };
  }

  private get slots(): number {
    return this.memories + this.window;
  }

  private storeShape(batch: number): readonly number[] {
    const { heads, headSize } = this.projections;
    return [batch, heads, this.slots, headSize];
  }

  private emptyState(batch: number): NearestNeighbourState<Tensor> {
    const store = broadcastTo(full(0), this.storeShape(batch));
    const [cache, storeCursor] = [this.cache.emptyState(batch), full(0, 'int32')];
    return { ...cache, storedKeys: store, storedValues: store, storeCursor };
  }

  /** Keys of length 1, and queries of the length that the head's scale says. */
  private project(parameters: NearestNeighbourParameters<Tensor>, x: Tensor): ByHead {
    const { query, key, value } = this.projections.all(parameters, x);
    const scale = reshape(parameters.scale, [this.projections.heads, 1, 1]);
    return { query: mul(normalized(query), scale), key: normalized(key), value };
  }

  /** One token searches the ring as it is. */
  private searchRing(state: NearestNeighbourState<Tensor>, { query }: ByHead): Retrieved | undefined {
    const { storedKeys, storedValues, storeCursor, length } = state;
    const ages = agesOf(this.slots, storeCursor);
    const far = retrieve(query, storedKeys, storedValues, this.isSearched(ages, length), this.neighbours);
    this.show(far, sub(length, gather(ages, far.places)));
    return far;
  }

  /**
   * A segment searches what is stored, and its own tokens as soon as they have left the window. It does so in chunks as long
   * as the ring, each among the keys that its tokens may find: a long segment costs as much for a token as a short one.
   */
  private searchInOrder(
    state: NearestNeighbourState<Tensor> | undefined,
    { query, key, value }: ByHead,
  ): Retrieved | undefined {
    const time = query.shape[timeAxis] ?? 0;
    const known = (ring: Tensor | undefined, fresh: Tensor): Tensor =>
      ring && state ? concat([inOrder(ring, state.storeCursor, timeAxis), fresh], timeAxis) : fresh;
    const keys = known(state?.storedKeys, key);
    const values = known(state?.storedValues, value);
    const count = keys.shape[timeAxis] ?? 0;
    if (count <= this.window) return undefined;
    const length = state?.length ?? full(0, 'int32');
    const chunks: Retrieved[] = [];
    for (let start = 0; start < time; start += this.slots) {
      const end = Math.min(start + this.slots, time);
      const first = Math.max(0, count - time + start - this.slots + 1);
      const last = count - time + end - this.window; // not included
      const cut = (all: Tensor): Tensor => slice(all, timeAxis, first, last);
      const steps = add(expandDims(range(end - start), 1), start);
      const ages = sub(add(steps, count - time - first), range(last - first)); // [end - start, last - first]
      const isSearched = this.isSearched(ages, add(steps, length));
      const near = Math.min(this.neighbours, last - first);
      const far = retrieve(slice(query, timeAxis, start, end), cut(keys), cut(values), isSearched, near);
      chunks.push({ ...far, places: add(far.places, first) });
    }
    const far = joined(chunks);
    this.show(far, add(far.places, sub(length, count - time)));
    return far;
  }

  /** Whether a token of an age has left the window, has not been overwritten, and is part of the text. */
  private isSearched(ages: Tensor, length: Tensor): Tensor {
    return and(greaterOrEqual(ages, this.window), lessOrEqual(ages, minimum(length, this.slots - 1)));
  }

  private mix(
    { gate }: NearestNeighbourParameters<Tensor>,
    local: Tensor,
    far: Retrieved | undefined,
  ): Tensor {
    const share = sigmoid(gate); // [heads]
    observe('gate', share);
    if (far === undefined) return local;
    const weight = mul(reshape(share, [this.projections.heads, 1, 1]), far.found);
    return add(local, mul(weight, sub(far.output, local)));
  }

  private stored(
    { storedKeys, storedValues, storeCursor }: NearestNeighbourState<Tensor>,
    { key, value }: ByHead,
  ) {
    const time = key.shape[timeAxis] ?? 0;
    const next = wrapped(add(storeCursor, time), this.slots);
    const written = (ring: Tensor, fresh: Tensor): Tensor => {
      const kept = stopGradient(fresh);
      if (time === 1) return updateSlice(ring, kept, storeCursor, timeAxis);
      const all = concat([inOrder(ring, storeCursor, timeAxis), kept], timeAxis);
      return asRing(slice(all, timeAxis, -this.slots), next, timeAxis);
    };
    return {
      storedKeys: written(storedKeys, key),
      storedValues: written(storedValues, value),
      storeCursor: next,
    };
  }

  /** @param positions int32 [batch, heads, queries, count]: tokens of the text, the first is 0 */
  private show({ isThere, scores, probabilities }: Retrieved, positions: Tensor): void {
    observe('retrieved', where(isThere, positions, -1));
    observe('retrievedScores', scores);
    observe('retrievedProbabilities', where(isThere, probabilities, 0));
  }
}

/** What queries found that follow one another. */
function joined(chunks: readonly Retrieved[]): Retrieved {
  const all = (name: keyof Retrieved): Tensor =>
    concat(
      chunks.map((chunk) => chunk[name]),
      timeAxis,
    );
  return {
    output: all('output'),
    found: all('found'),
    places: all('places'),
    isThere: all('isThere'),
    scores: all('scores'),
    probabilities: all('probabilities'),
  };
}

/** x / |x| along the last axis. */
function normalized(x: Tensor): Tensor {
  return mul(x, rsqrt(add(sum(mul(x, x), -1, { keepDims: true }), 1e-12)));
}

export const nearestNeighbourKind = defineMemory({
  kind: 'nearest-neighbour',
  options: z.strictObject({
    /** Default: a quarter of the block. */
    window: z.int().positive().optional(),
    /** Default: 8 blocks. */
    memories: z.int().positive().optional(),
    /** Default: 32, or `memories` where that is less. */
    neighbours: z.int().positive().optional(),
  }),
  create: ({ maxLength, ...shared }, { window, memories = 8 * maxLength, neighbours }) =>
    new NearestNeighbour({
      ...shared,
      memories,
      ...(neighbours === undefined ? {} : { neighbours }),
      window: windowFor('nearest-neighbour', 'window', window, maxLength),
    }),
});
