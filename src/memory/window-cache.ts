// A cache of the last tokens and attention to it, one token or a segment at a time. Knows nothing of projections and positions in the text.
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { TensorLike } from '../engine/ops/constant.js';
import type { Source } from '../nn/attend.js';
import type { ByHead } from '../nn/head-projections.js';
import { observe } from '../engine/observe.js';
import { add, maximum, minimum, sub } from '../engine/ops/arithmetic.js';
import { greaterOrEqual, less, lessOrEqual } from '../engine/ops/comparison.js';
import { full, range } from '../engine/ops/constant.js';
import { updateSlice } from '../engine/ops/dynamic-slice.js';
import { broadcastTo, expandDims, reshape } from '../engine/ops/layout.js';
import { concat, pad, slice } from '../engine/ops/slicing.js';
import { where } from '../engine/ops/where.js';
import { alibiBias } from '../nn/alibi.js';
import { attendByHead } from '../nn/attend.js';
import { localAttention } from '../nn/local-attention.js';
import { agesOf, asRing, inOrder, wrapped } from './ring.js';
import { integerScalar, zeros } from './state.js';

/** Time is axis 2 of everything by head. */
const timeAxis = 2;

export interface WindowCacheState<T> {
  /** [batch, keyValueHeads, window, headSize]: a ring, zeros where nothing was written */
  readonly keys: T;
  /** [batch, keyValueHeads, window, headSize] */
  readonly values: T;
  /** int32 scalar: tokens read so far */
  readonly length: T;
  /** int32 scalar: slot of the ring that the next token overwrites */
  readonly cursor: T;
}

export interface WindowCacheOptions {
  /** Tokens that a token sees, the last of them itself. */
  readonly window: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** How many first tokens never enter the window, because they are seen apart. Default: 0. */
  readonly pinned?: number;
  /** Default: false. */
  readonly alibi?: boolean;
  /** Factor of the scores. Default: 1 / sqrt(headSize). */
  readonly scale?: number;
}

/** What a segment found, [batch, heads, time, headSize], and the cache after it. */
export interface WindowReading {
  readonly attended: Tensor;
  readonly state: WindowCacheState<Tensor>;
}

export class WindowCache {
  private readonly window: number;
  private readonly pinned: number;
  private readonly options: WindowCacheOptions;

  constructor(options: WindowCacheOptions) {
    this.window = options.window;
    this.pinned = options.pinned ?? 0;
    this.options = options;
  }

  initialState(batch: number): WindowCacheState<TensorData> {
    const cache = (): TensorData => zeros(...this.shape(batch));
    return { keys: cache(), values: cache(), length: integerScalar(0), cursor: integerScalar(0) };
  }

  emptyState(batch: number): WindowCacheState<Tensor> {
    const cache = broadcastTo(full(0), this.shape(batch));
    return { keys: cache, values: cache, length: full(0, 'int32'), cursor: full(0, 'int32') };
  }

  stateBytes(): number {
    const { keyValueHeads, headSize } = this.options;
    return 2 * 4 * keyValueHeads * this.window * headSize + 8;
  }

  /**
   * Looks at the window and writes into it.
   * @param segment what is read, keys already turned to their positions
   * @param pinned what is seen besides the window, in the same softmax; given exactly where tokens are pinned
   * @param isFirst whether nothing was read before
   */
  read(
    state: WindowCacheState<Tensor>,
    segment: ByHead,
    pinned: Source | undefined,
    isFirst: boolean,
  ): WindowReading {
    return !isFirst && segment.query.shape[timeAxis] === 1
      ? this.readOne(state, segment, pinned)
      : this.readMany(state, segment, pinned, isFirst);
  }

  /** One token: the ring is looked at as it was, beside the token, and only the token's slot is written. */
  private readOne(
    state: WindowCacheState<Tensor>,
    segment: ByHead,
    pinned: Source | undefined,
  ): WindowReading {
    const { query, key, value } = segment;
    const { keys, values, length, cursor } = state;
    const isPinned = less(length, this.pinned);
    const ages = agesOf(this.window, cursor);
    const inRing = minimum(sub(length, this.pinned), this.window - 1);
    const distance = this.alibiOf(sub(0, ages));
    const ring = {
      query,
      key: keys,
      value: values,
      bias: where(lessOrEqual(ages, inRing), distance, -Infinity),
    };
    const own = { query, key, value, ...(pinned && { bias: where(isPinned, -Infinity, 0) }) };
    const { output, probabilities } = attendByHead(
      [ring, own, ...(pinned ? [pinned] : [])],
      this.options.scale,
    );
    observe('probabilities', concat(probabilities));
    const kept = (tensor: Tensor): Tensor => (pinned ? where(isPinned, 0, tensor) : tensor);
    const moved = pinned ? where(isPinned, 0, full(1, 'int32')) : 1;
    const after = {
      keys: updateSlice(keys, kept(key), cursor, timeAxis),
      values: updateSlice(values, kept(value), cursor, timeAxis),
      length: add(length, 1),
      cursor: wrapped(add(cursor, moved), this.window),
    };
    return { attended: output, state: after };
  }

  private readMany(
    { keys, values, length, cursor }: WindowCacheState<Tensor>,
    { query, key, value }: ByHead,
    pinned: Source | undefined,
    isFirst: boolean,
  ): WindowReading {
    const time = query.shape[timeAxis] ?? 0;
    const allKeys = concat([inOrder(keys, cursor, timeAxis), key], timeAxis); // [batch, heads, window + time, headSize]
    const allValues = concat([inOrder(values, cursor, timeAxis), value], timeAxis);
    const around = { query, key: slice(allKeys, timeAxis, 1), value: slice(allValues, timeAxis, 1) };
    const before = this.window - 1;
    const { output, probabilities } = localAttention(around, {
      before,
      missing: isFirst ? before + this.pinned : sub(before + this.pinned, length),
      alibi: this.options.alibi ?? false,
      scale: this.options.scale,
      others: pinned ? [pinned] : [],
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
    return { attended: output, state: after };
  }

  /** What positions add to scores: [heads, queries, keys] for offsets [queries, keys] or [keys]; nothing without ALiBi. */
  alibiOf(offsets: Tensor): TensorLike {
    if (this.options.alibi !== true) return 0;
    const matrix = offsets.shape.length === 1 ? expandDims(offsets, 0) : offsets;
    return alibiBias(matrix, this.options.heads);
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
  private shape(batch: number): readonly number[] {
    const { keyValueHeads, headSize } = this.options;
    return [batch, keyValueHeads, this.window, headSize];
  }
}
