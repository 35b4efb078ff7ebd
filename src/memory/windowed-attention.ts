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
import { ConfigError } from '../core/errors.js';
import { withScope } from '../engine/graph.js';
import { observe } from '../engine/observe.js';
import { add, maximum, minimum, sub } from '../engine/ops/arithmetic.js';
import { and, greaterOrEqual, less, lessOrEqual } from '../engine/ops/comparison.js';
import { full, range } from '../engine/ops/constant.js';
import { updateSlice } from '../engine/ops/dynamic-slice.js';
import { gather } from '../engine/ops/indexing.js';
import { broadcastTo, expandDims, reshape } from '../engine/ops/layout.js';
import { concat, pad, slice } from '../engine/ops/slicing.js';
import { where } from '../engine/ops/where.js';
import { alibiBias } from '../nn/alibi.js';
import { attendByHead } from '../nn/attend.js';
import { Dropout } from '../nn/dropout.js';
import { HeadProjections } from '../nn/head-projections.js';
import { requireAxes, requireWidth } from '../nn/layer.js';
import { localAttention } from '../nn/local-attention.js';
import { Rotary } from '../nn/rotary.js';
import { agesOf, asRing, inOrder, wrapped } from './ring.js';
import { integerScalar, zeros } from './state.js';

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

export interface WindowedAttentionState<T> {
  /** [batch, keyValueHeads, window, headSize]: a ring, zeros where nothing was written */
  readonly keys: T;
  /** [batch, keyValueHeads, window, headSize] */
  readonly values: T;
  /** Only where tokens are pinned: [batch, keyValueHeads, pinned, headSize], zeros from `length` on */
  readonly pinnedKeys?: T;
  readonly pinnedValues?: T;
  /** int32 scalar: tokens read so far */
  readonly length: T;
  /** int32 scalar: slot of the ring that the next token overwrites */
  readonly cursor: T;
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
  private readonly alibi: boolean;
  private readonly dropout: Dropout;

  /** @throws {ConfigError} when the window is empty or heads do not divide */
  constructor({ window, position, dropout = 0, ...options }: WindowedAttentionOptions, variant: Variant) {
    this.kind = variant.kind;
    this.width = options.width;
    this.window = requireCount(variant.kind, 'window', window, 1);
    this.pinned = variant.pinned;
    this.hasGlobalProjections = variant.hasGlobalProjections;
    this.projections = new HeadProjections({ name: variant.kind, ...options });
    const { headSize } = this.projections;
    this.rotary = position === 'rotary' ? new Rotary({ headSize }) : undefined;
    this.alibi = position === 'alibi';
    this.dropout = new Dropout({ rate: dropout });
  }

  init(random: Random): WindowedAttentionParameters<TensorData> {
    const own = this.projections.init(random);
    if (!this.hasGlobalProjections) return own;
    const { query, key, value } = this.projections.init(random.split('global'));
    return { ...own, global: { query, key, value } };
  }

  initialState(batch: number): WindowedAttentionState<TensorData> {
    const { keyValueHeads, headSize } = this.projections;
    const cache = (slots: number): TensorData => zeros(batch, keyValueHeads, slots, headSize);
    return {
      keys: cache(this.window),
      values: cache(this.window),
      ...(this.pinned > 0 ? { pinnedKeys: cache(this.pinned), pinnedValues: cache(this.pinned) } : {}),
      length: integerScalar(0),
      cursor: integerScalar(0),
    };
  }

  /** The cache is allocated for the window and the pinned tokens, whatever was read. */
  stateBytes(): number {
    const { keyValueHeads, headSize } = this.projections;
    return 2 * 4 * keyValueHeads * (this.window + this.pinned) * headSize + 8;
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
    const before = state ?? this.emptyState(x.shape[0] ?? 0);
    const projected = this.projections.all(parameters, x);
    const pinned = this.pinned === 0 ? undefined : this.pin(parameters, x, projected, before);
    const segment = this.turned(projected, state?.length ?? 0);
    const { attended, after } =
      state !== undefined && x.shape[1] === 1
        ? this.readOne(state, segment, pinned)
        : this.readMany(before, segment, pinned, state === undefined);
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

  private emptyState(batch: number): WindowedAttentionState<Tensor> {
    const { keyValueHeads, headSize } = this.projections;
    const cache = (slots: number): Tensor => broadcastTo(full(0), [batch, keyValueHeads, slots, headSize]);
    return {
      keys: cache(this.window),
      values: cache(this.window),
      ...(this.pinned > 0 ? { pinnedKeys: cache(this.pinned), pinnedValues: cache(this.pinned) } : {}),
      length: full(0, 'int32'),
      cursor: full(0, 'int32'),
    };
  }

  private turned({ query, key, value }: ByHead, start: Tensor | number): ByHead {
    if (this.rotary === undefined) return { query, key, value };
    return { query: this.rotary.apply(query, start), key: this.rotary.apply(key, start), value };
  }

  /** One token: the ring is looked at as it was, beside the token, and only the token's slot is written. */
  private readOne(state: WindowedAttentionState<Tensor>, segment: ByHead, pinned: Pinned | undefined) {
    const { query, key, value } = segment;
    const { keys, values, length, cursor } = state;
    const isPinned = less(length, this.pinned);
    const ages = agesOf(this.window, cursor);
    const inRing = minimum(sub(length, this.pinned), this.window - 1);
    const distance = this.alibi ? this.alibiOf(sub(0, ages)) : 0;
    const ring = {
      query,
      key: keys,
      value: values,
      bias: where(lessOrEqual(ages, inRing), distance, -Infinity),
    };
    const own = { query, key, value, ...(pinned && { bias: where(isPinned, -Infinity, 0) }) };
    const { output, probabilities } = attendByHead([ring, own, ...(pinned ? [pinned.source] : [])]);
    observe('probabilities', concat(probabilities));
    const kept = (tensor: Tensor): Tensor => (pinned ? where(isPinned, 0, tensor) : tensor);
    const moved = pinned ? where(isPinned, 0, full(1, 'int32')) : 1;
    const after = {
      keys: updateSlice(keys, kept(key), cursor, timeAxis),
      values: updateSlice(values, kept(value), cursor, timeAxis),
      length: add(length, 1),
      cursor: wrapped(add(cursor, moved), this.window),
    };
    return { attended: output, after };
  }

  private readMany(
    { keys, values, length, cursor }: WindowedAttentionState<Tensor>,
    { query, key, value }: ByHead,
    pinned: Pinned | undefined,
    isFirst: boolean,
  ) {
    const time = query.shape[timeAxis] ?? 0;
    const allKeys = concat([inOrder(keys, cursor, timeAxis), key], timeAxis); // [batch, heads, window + time, headSize]
    const allValues = concat([inOrder(values, cursor, timeAxis), value], timeAxis);
    const around = { query, key: slice(allKeys, timeAxis, 1), value: slice(allValues, timeAxis, 1) };
    const before = this.window - 1;
    const { output, probabilities } = localAttention(around, {
      before,
      missing: isFirst ? before + this.pinned : sub(before + this.pinned, length),
      alibi: this.alibi,
      others: pinned ? [pinned.source] : [],
    });
    this.show(probabilities, isFirst);
    const entered = this.pinned === 0 ? time : sub(time, minimum(maximum(sub(this.pinned, length), 0), time));
    const next = wrapped(add(cursor, entered), this.window);
    const positions = add(range(this.window), add(length, time - this.window));
    const isUnpinned = reshape(greaterOrEqual(positions, this.pinned), [this.window, 1]);
    const last = (all: Tensor): Tensor => {
      const ordered = slice(all, timeAxis, -this.window);
      return asRing(this.pinned === 0 ? ordered : where(isUnpinned, ordered, 0), next, timeAxis);
    };
    const after = { keys: last(allKeys), values: last(allValues), length: add(length, time), cursor: next };
    return { attended: output, after };
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
    const distance = this.alibi ? this.alibiOf(sub(range(count), expandDims(inCache, 1))) : 0;
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

  /** [heads, queries, keys] of offsets [queries, keys] or [keys]. */
  private alibiOf(offsets: Tensor): Tensor {
    const { heads } = this.projections;
    const [rows, columns] = [
      offsets.shape.length > 1 ? (offsets.shape[0] ?? 1) : 1,
      offsets.shape.at(-1) ?? 1,
    ];
    return alibiBias(reshape(offsets, [rows, columns]), heads);
  }

  /** The map of who looks at whom. Where nothing was read before, its columns are the tokens of the segment. */
  private show([near, far]: readonly Tensor[], isFirst: boolean): void {
    if (near === undefined) return;
    const time = near.shape[2] ?? 0;
    const known = isFirst ? slice(near, 3, this.window - 1) : near;
    if (far === undefined) return observe('probabilities', known);
    if (!isFirst) return observe('probabilities', concat([far, known]));
    const columns = slice(far, 3, 0, Math.min(time, this.pinned));
    const rest = [0, time - Math.min(time, this.pinned)];
    return observe('probabilities', add(known, pad(columns, [[0, 0], [0, 0], [0, 0], rest]))); // prettier-ignore
  }
}

/** A whole number of at least `least`. @throws {ConfigError} */
export function requireCount(kind: string, what: string, count: number, least: number): number {
  if (Number.isInteger(count) && count >= least) return count;
  throw new ConfigError(`${kind}: ${what} is ${count}; it must be a whole number of at least ${least}.`, {
    fields: { kind, [what]: count },
  });
}
