// Causal attention to the last tokens, and to the first ones that stay: what the sliding window and the causal Longformer share.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Source } from '../nn/attend.js';
import type {
  ByHead,
  HeadProjectionParameters,
  HeadProjectionsOptions,
  InputProjectionParameters,
} from '../nn/head-projections.js';
import type { Memory, Reading, ReadOptions } from './memory.js';
import type { PositionKind } from './memory-kind.js';
import type { WindowCacheState } from './window-cache.js';
import { sizeOf } from '../core/shape.js';
import { withScope } from '../engine/graph.js';
import { add, minimum, sub } from '../engine/ops/arithmetic.js';
import { and, greaterOrEqual, less, lessOrEqual } from '../engine/ops/comparison.js';
import { full, range } from '../engine/ops/constant.js';
import { gather } from '../engine/ops/indexing.js';
import { broadcastTo, expandDims, reshape } from '../engine/ops/layout.js';
import { concat, slice } from '../engine/ops/slicing.js';
import { where } from '../engine/ops/where.js';
import { Dropout } from '../nn/dropout.js';
import { HeadProjections } from '../nn/head-projections.js';
import { requireAxes, requireWidth } from '../nn/layer.js';
import { Rotary } from '../nn/rotary.js';
import { zeros } from './state.js';
import { WindowCache } from './window-cache.js';
import { requireCount } from './window-length.js';

/** Time is axis 2 of everything by head. */
const timeAxis = 2;

export interface WindowedAttentionOptions extends Omit<HeadProjectionsOptions, 'name'> {
  /** Tokens that a token sees, the last of them itself. */
  readonly window: number;
  /** `rotary` and `alibi` act here; other kinds belong to the model. Default: `none`. */
  readonly position?: PositionKind | undefined;
  /** Of the output, while training. Default: 0. */
  readonly dropout?: number | undefined;
}

/** What a particular memory decides. */
interface Variant {
  readonly kind: string;
  /** How many first tokens are seen by all that follow. */
  readonly pinned: number;
  /** Whether pinned tokens are looked for with queries, keys and values of their own. */
  readonly hasGlobalProjections: boolean;
}

export interface WindowedAttentionParameters<T> extends HeadProjectionParameters<T> {
  /** Only where pinned tokens have projections of their own. */
  readonly global?: InputProjectionParameters<T>;
}

export interface WindowedAttentionState<T> extends WindowCacheState<T> {
  /** Only where tokens are pinned: [batch, keyValueHeads, pinned, headSize], zeros from `length` on */
  readonly pinnedKeys?: T;
  readonly pinnedValues?: T;
}

/** Pinned tokens as they are after a segment, and how its tokens see them. */
interface Pinned {
  readonly keys: Tensor;
  readonly values: Tensor;
  readonly source: Source;
}

/**
 * Token p sees the tokens above p - window up to itself, and the first `pinned` tokens. Angles and ALiBi's distances to
 * pinned tokens are those of positions within the cache: a token never stands further than pinned + window - 1 from
 * the first one (Xiao et al. 2024, section 3.2). Keys are turned once, when they are written; it is the query that is turned
 * twice, to its position in the text for the window and to its position in the cache for pinned tokens.
 */
export class WindowedAttention implements Memory<
  WindowedAttentionParameters<TensorData>,
  WindowedAttentionState<TensorData>
> {
  readonly kind: string;
  readonly width: number;
  readonly window: number;
  protected readonly pinned: number;
  private readonly projections: HeadProjections;
  private readonly hasGlobalProjections: boolean;
  private readonly rotary: Rotary | undefined;
  private readonly cache: WindowCache;
  private readonly dropout: Dropout;

  /** @throws {ConfigError} when the window is empty or heads do not divide */
  constructor({ window, position, dropout = 0, ...options }: WindowedAttentionOptions, variant: Variant) {
    this.kind = variant.kind;
    this.width = options.width;
    this.window = requireCount(variant.kind, 'window', window, 1);
    this.pinned = variant.pinned;
    this.hasGlobalProjections = variant.hasGlobalProjections;
    this.projections = new HeadProjections({ name: variant.kind, ...options });
    const { heads, keyValueHeads, headSize } = this.projections;
    this.rotary = position === 'rotary' ? new Rotary({ headSize }) : undefined;
    const alibi = position === 'alibi';
    this.cache = new WindowCache({ window, heads, keyValueHeads, headSize, pinned: this.pinned, alibi });
    this.dropout = new Dropout({ rate: dropout });
  }

  init(random: Random): WindowedAttentionParameters<TensorData> {
    const own = this.projections.init(random);
    if (!this.hasGlobalProjections) return own;
    const { query, key, value } = this.projections.init(random.split('global'));
    return { ...own, global: { query, key, value } };
  }

  initialState(batch: number): WindowedAttentionState<TensorData> {
    if (this.pinned === 0) return this.cache.initialState(batch);
    const pinned = (): TensorData => zeros(...this.pinnedShape(batch));
    return { ...this.cache.initialState(batch), pinnedKeys: pinned(), pinnedValues: pinned() };
  }

  /** The cache is allocated for the window and the pinned tokens, whatever was read. */
  stateBytes(): number {
    return this.cache.stateBytes() + 2 * 4 * sizeOf(this.pinnedShape(1));
  }

  read(
    parameters: WindowedAttentionParameters<Tensor>,
    x: Tensor,
    state?: WindowedAttentionState<Tensor>,
    options: ReadOptions = {},
  ): Reading<WindowedAttentionState<TensorData>> {
    const name = `${this.kind}(${this.width}, ${this.projections.heads} heads)`;
    requireAxes(name, x, ['batch', 'time', 'width']);
    requireWidth(name, x, this.width);
    const [batch = 0, time = 0] = x.shape;
    const before = state ?? this.emptyState(batch);
    if (time === 0) return { output: x, state: before };
    const projected = this.projections.all(parameters, x);
    const pinned = this.pinned === 0 ? undefined : this.pin(parameters, x, projected, before);
    const segment = this.turned(projected, state?.length ?? 0);
    const { attended, state: after } = this.cache.read(before, segment, pinned?.source, state === undefined);
    const output = this.projections.output(parameters, attended);
    const kept = pinned && { pinnedKeys: pinned.keys, pinnedValues: pinned.values };
    return { output: this.dropout.apply(output, options.key), state: { ...after, ...kept } };
  }

  step(
    parameters: WindowedAttentionParameters<Tensor>,
    x: Tensor,
    state: WindowedAttentionState<Tensor>,
  ): Reading<WindowedAttentionState<TensorData>> {
    const { output, state: next } = this.read(parameters, expandDims(x, 1), state);
    return { output: reshape(output, x.shape), state: next };
  }

  private pinnedShape(batch: number): readonly number[] {
    const { keyValueHeads, headSize } = this.projections;
    return [batch, keyValueHeads, this.pinned, headSize];
  }

  private emptyState(batch: number): WindowedAttentionState<Tensor> {
    if (this.pinned === 0) return this.cache.emptyState(batch);
    const pinned = broadcastTo(full(0), this.pinnedShape(batch));
    return { ...this.cache.emptyState(batch), pinnedKeys: pinned, pinnedValues: pinned };
  }

  private turned({ query, key, value }: ByHead, start: Tensor | number): ByHead {
    if (this.rotary === undefined) return { query, key, value };
    return { query: this.rotary.apply(query, start), key: this.rotary.apply(key, start), value };
  }

  /** Pinned tokens with those of a segment added, and how its tokens see them. */
  private pin(
    parameters: WindowedAttentionParameters<Tensor>,
    x: Tensor,
    projected: ByHead,
    { pinnedKeys, pinnedValues, length }: WindowedAttentionState<Tensor>,
  ): Pinned {
    const { pinned: count } = this;
    const time = x.shape[1] ?? 0;
    const fresh = Math.min(time, count);
    const { query, key, value } = this.pinnedProjections(parameters, x, projected, fresh);
    const turnedKey = this.rotary?.apply(key, length) ?? key;
    const ahead = sub(range(count), length);
    const isFresh = and(greaterOrEqual(ahead, 0), less(ahead, fresh));
    const places = where(isFresh, add(ahead, count), range(count));
    const joined = (old: Tensor | undefined, added: Tensor): Tensor =>
      gather(concat(old ? [old, added] : [added], timeAxis), places, timeAxis);
    const [keys, values] = [joined(pinnedKeys, turnedKey), joined(pinnedValues, value)];
    const positions = add(range(time), length);
    const inCache = minimum(positions, count + this.window - 1);
    const distance = this.cache.alibiOf(sub(range(count), expandDims(inCache, 1)));
    const isSeen = lessOrEqual(range(count), reshape(positions, [1, time, 1]));
    const source = {
      query: this.rotary?.apply(query, inCache) ?? query,
      key: keys,
      value: values,
      bias: where(isSeen, distance, -Infinity), // [1 or heads, time, pinned]
    };
    return { keys, values, source };
  }

  /** The segment's queries, and keys and values of its first tokens, before they are turned. */
  private pinnedProjections(
    { global }: WindowedAttentionParameters<Tensor>,
    x: Tensor,
    projected: ByHead,
    fresh: number,
  ): ByHead {
    const first = (heads: Tensor): Tensor => slice(heads, timeAxis, 0, fresh);
    if (global === undefined)
      return { query: projected.query, key: first(projected.key), value: first(projected.value) };
    return withScope('global', () => ({
      query: this.projections.part(global, 'query', x),
      key: this.projections.part(global, 'key', slice(x, 1, 0, fresh)),
      value: this.projections.part(global, 'value', slice(x, 1, 0, fresh)),
    }));
  }
}
