// Attention within segments and to the inputs before them: what the segment and the compressive memory share.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { TensorLike } from '../engine/ops/constant.js';
import type { HeadProjectionsOptions } from '../nn/head-projections.js';
import type { RelativeAttentionParameters, Remembered } from '../nn/relative-attention.js';
import type {
  CompressedReading,
  Compression,
  CompressionParameters,
  CompressionState,
} from './compression.js';
import type { Memory, Reading, ReadOptions } from './memory.js';
import type { AlignedSegments, SegmentLengths, SegmentState } from './segment-alignment.js';
import { customGradient } from '../engine/custom-gradient.js';
import { Tensor as TensorClass } from '../engine/graph.js';
import { isObserved, observe } from '../engine/observe.js';
import { add, minimum, mul } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { greaterOrEqual, lessOrEqual } from '../engine/ops/comparison.js';
import { full, range } from '../engine/ops/constant.js';
import { dynamicSlice, updateSlice } from '../engine/ops/dynamic-slice.js';
import { stopGradient } from '../engine/ops/identity.js';
import { broadcastTo, expandDims, reshape } from '../engine/ops/layout.js';
import { concat, slice } from '../engine/ops/slicing.js';
import { where } from '../engine/ops/where.js';
import { Dropout } from '../nn/dropout.js';
import { requireAxes, requireWidth } from '../nn/layer.js';
import { RelativeAttention } from '../nn/relative-attention.js';
import type { UnfoldOptions } from '../nn/unfold.js';
import { spreadWindows, unfold } from '../nn/unfold.js';
import { agesOf, asRing, inOrder, wrapped } from './ring.js';
import { alignSegments } from './segment-alignment.js';
import { integerScalar, zeros } from './state.js';
import { requireCount } from './window-length.js';

export interface SegmentOptions extends Omit<HeadProjectionsOptions, 'name' | 'bias' | 'keyValueHeads'> {
  /** Tokens of a segment. */
  readonly segmentLength: number;
  /** Tokens before a segment that all of its tokens see. */
  readonly memoryLength: number;
  /** Of the output, while training. Default: 0. */
  readonly dropout?: number | undefined;
}

export interface SegmentParameters<T> extends RelativeAttentionParameters<T> {
  /** Only where old memories are compressed. */
  readonly compression?: CompressionParameters<T>;
}

export interface SegmentRecurrenceState<T> extends SegmentState<T> {
  /** Only where old memories are compressed. */
  readonly compressed?: CompressionState<T>;
}

/**
 * Token p of the segment that begins at s sees the tokens s - memoryLength ... p. Their keys and values are made anew from
 * inputs that are kept without a gradient once their segment is complete; within the segment the gradient flows. Segments
 * begin at multiples of `segmentLength` of the text, wherever a reading is cut, so that cuts change nothing.
 */
export class SegmentRecurrence implements Memory<
  SegmentParameters<TensorData>,
  SegmentRecurrenceState<TensorData>
> {
  readonly kind: string;
  readonly width: number;
  readonly segmentLength: number;
  readonly memoryLength: number;
  private readonly attention: RelativeAttention;
  private readonly compression: Compression | undefined;
  private readonly dropout: Dropout;

  /** @throws {ConfigError} when a segment is empty or heads do not divide the width */
  constructor(
    kind: string,
    { segmentLength, memoryLength, dropout = 0, ...options }: SegmentOptions,
    compression?: Compression,
  ) {
    this.kind = kind;
    this.width = options.width;
    this.segmentLength = requireCount(kind, 'segmentLength', segmentLength, 1);
    this.memoryLength = requireCount(kind, 'memoryLength', memoryLength, 0);
    this.attention = new RelativeAttention({ name: kind, ...options });
    this.compression = compression;
    this.dropout = new Dropout({ rate: dropout });
  }

  init(random: Random): SegmentParameters<TensorData> {
    const compression = this.compression?.init(random.split('compression'));
    return { ...this.attention.init(random), ...(compression && { compression }) };
  }

  initialState(batch: number): SegmentRecurrenceState<TensorData> {
    return {
      inputs: zeros(batch, this.slots, this.width),
      cursor: integerScalar(0),
      filled: integerScalar(0),
      length: integerScalar(0),
      ...(this.compression && { compressed: this.compression.initialState(batch) }),
    };
  }

  stateBytes(): number {
    return 4 * this.slots * this.width + 12 + (this.compression?.stateBytes() ?? 0);
  }

  read(
    parameters: SegmentParameters<Tensor>,
    x: Tensor,
    state?: SegmentRecurrenceState<Tensor>,
    options: ReadOptions = {},
  ): Reading<SegmentRecurrenceState<TensorData>> {
    const name = `${this.kind}(${this.width}, ${this.attention.projections.heads} heads)`;
    requireAxes(name, x, ['batch', 'time', 'width']);
    requireWidth(name, x, this.width);
    const reading =
      state !== undefined && x.shape[1] === 1
        ? this.readOne(parameters, x, state)
        : this.readMany(parameters, x, state, options);
    return { ...reading, output: this.dropout.apply(reading.output, options.key) };
  }

  step(
    parameters: SegmentParameters<Tensor>,
    x: Tensor,
    state: SegmentRecurrenceState<Tensor>,
  ): Reading<SegmentRecurrenceState<TensorData>> {
    const { output, state: next } = this.read(parameters, expandDims(x, 1), state);
    return { output: reshape(output, x.shape), state: next };
  }

  private get slots(): number {
    return this.segmentLength + this.memoryLength;
  }

  private get lengths(): SegmentLengths {
    return { segment: this.segmentLength, memory: this.memoryLength };
  }

  /** Beyond this a longer text changes nothing. */
  private get longestCounted(): number {
    return this.slots + (this.compression?.reach ?? 0);
  }

  /** One token: the ring is looked at as it was, without projecting it, and only the token's slot is written. */
  private readOne(
    parameters: SegmentParameters<Tensor>,
    x: Tensor,
    state: SegmentRecurrenceState<Tensor>,
  ): Reading<SegmentRecurrenceState<TensorData>> {
    const { inputs, cursor, filled, length } = state;
    const ages = agesOf(this.slots, cursor);
    const isSeen = lessOrEqual(ages, minimum(length, add(filled, this.memoryLength)));
    const isOwn = cast(lessOrEqual(ages, filled), 'float32');
    const ring: Remembered = {
      inputs: maskGradient(inputs, expandDims(isOwn, 1)),
      distances: minimum(ages, this.slots - 1),
      bias: where(isSeen, 0, -Infinity),
    };
    const compressed =
      this.compression &&
      state.compressed &&
      this.compression.readOne(parameters.compression, state, state.compressed);
    const sources = [
      ...(compressed ? [compressed.remembered] : []),
      ring,
      { inputs: x, distances: range(1) },
    ];
    const query = this.attention.projections.part(parameters, 'query', x);
    const reach = this.slots + (this.compression?.visible ?? 0);
    const { output, probabilities } = this.attention.one(parameters, query, sources, reach);
    observe('probabilities', expandDims(concat(probabilities), 2));
    return {
      output: this.attention.projections.output(parameters, output),
      state: {
        inputs: updateSlice(inputs, x, cursor, 1),
        ...this.counted(state, 1),
        ...(compressed && { compressed: compressed.state }),
      },
    };
  }

  private readMany(
    parameters: SegmentParameters<Tensor>,
    x: Tensor,
    given: SegmentRecurrenceState<Tensor> | undefined,
    options: ReadOptions,
  ): Reading<SegmentRecurrenceState<TensorData>> {
    const time = x.shape[1] ?? 0;
    const state = given ?? this.emptyState(x.shape[0] ?? 0);
    const segments = alignSegments(x, given, this.lengths);
    const compressed =
      this.compression &&
      state.compressed &&
      this.compression.readMany(parameters.compression, segments, time, state.filled, state.compressed);
    const auxiliaryLoss =
      options.key &&
      this.compression?.auxiliaryLoss(
        this.attention.projections,
        parameters,
        segments,
        add(state.filled, time),
      );
    const output = this.attendInSegments(parameters, segments, time, compressed);
    const counted = this.counted(state, time);
    const last = slice(concat([inOrder(state.inputs, state.cursor, 1), x], 1), 1, -this.slots);
    return {
      output: this.attention.projections.output(parameters, output),
      state: {
        inputs: asRing(last, counted.cursor, 1),
        ...counted,
        ...(compressed && { compressed: compressed.state }),
      },
      ...(auxiliaryLoss && { auxiliaryLoss }),
    };
  }

  /** @returns [batch, heads, time, headSize] */
  private attendInSegments(
    parameters: SegmentParameters<Tensor>,
    segments: AlignedSegments,
    time: number,
    compressed: CompressedReading | undefined,
  ): Tensor {
    const { projections } = this.attention;
    const { sequence, count, start, first } = segments;
    const own = slice(sequence, 1, this.memoryLength);
    const [batch = 0] = own.shape;
    const cut = (heads: Tensor): Tensor =>
      reshape(heads, [batch, projections.heads, count, this.segmentLength, projections.headSize]);
    const seenBy = (part: 'key' | 'value'): Tensor => {
      const whole = projections.part(parameters, part, sequence);
      const kept = projections.part(parameters, part, stopGradient(sequence));
      const window = { width: this.memoryLength, stride: this.segmentLength, count };
      const parts = this.memoryLength > 0 ? [unfold(kept, window)] : [];
      if (compressed !== undefined)
        parts.unshift(unfold(projections.part(parameters, part, compressed.inputs), compressed.window));
      return concat([...parts, cut(slice(whole, 2, this.memoryLength))], 3);
    };
    const query = cut(projections.part(parameters, 'query', own));
    const bias = concat(
      [...(compressed ? [this.biasOf(compressed.window, compressed.first)] : []), this.ownBias(count, first)],
      2,
    );
    const { output, probabilities } = this.attention.inBlocks(
      parameters,
      { query, key: seenBy('key'), value: seenBy('value') },
      bias,
    );
    const joined = reshape(output, [
      batch,
      projections.heads,
      count * this.segmentLength,
      projections.headSize,
    ]);
    if (isObserved()) this.show(probabilities[0] ?? output, segments, time);
    return rowsFrom(joined, start, time);
  }

  /** Hides what is not part of the text: [count, segmentLength, width]. */
  private biasOf({ width, stride, count }: UnfoldOptions, first: TensorLike): Tensor {
    const index = add(reshape(mul(range(count), stride), [count, 1, 1]), range(width));
    return broadcastTo(where(greaterOrEqual(index, first), 0, -Infinity), [count, this.segmentLength, width]);
  }

  /** Hides what is not part of the text, and what comes later: [count, segmentLength, slots]. */
  private ownBias(count: number, first: TensorLike): Tensor {
    const { segmentLength, memoryLength, slots } = this;
    const known = this.biasOf({ width: slots, stride: segmentLength, count }, first);
    const rows = expandDims(add(range(segmentLength), memoryLength), 1);
    return add(known, where(lessOrEqual(range(slots), rows), 0, -Infinity));
  }

  private emptyState(batch: number): SegmentRecurrenceState<Tensor> {
    return {
      inputs: broadcastTo(full(0), [batch, this.slots, this.width]),
      cursor: full(0, 'int32'),
      filled: full(0, 'int32'),
      length: full(0, 'int32'),
      ...(this.compression && { compressed: this.compression.emptyState(batch) }),
    };
  }

  private counted({ cursor, filled, length }: SegmentState<Tensor>, time: number) {
    return {
      cursor: wrapped(add(cursor, time), this.slots),
      filled: wrapped(add(filled, time), this.segmentLength),
      length: minimum(add(length, time), this.longestCounted),
    };
  }
  /** The map of who looks at whom. Where nothing was read before, its columns are the tokens of the segment. */
  private show(probabilities: Tensor, { count, start }: AlignedSegments, time: number): void {
    const [batch = 1, heads = 1, , , columns = 0] = probabilities.shape;
    const rows = (x: Tensor): Tensor =>
      rowsFrom(reshape(x, [batch, heads, count * this.segmentLength, x.shape[4] ?? 0]), start, time);
    const compressed = columns - this.slots;
    if (compressed > 0) observe('compressedProbabilities', rows(slice(probabilities, 4, 0, compressed)));
    const tokens = rows(spreadWindows(slice(probabilities, 4, compressed), this.segmentLength));
    const end = this.memoryLength + time;
    observe('probabilities', start === 0 ? slice(tokens, 3, this.memoryLength, end) : tokens);
  }
}

/** `time` rows of [batch, heads, rows, size] from one that may be known only when the graph runs. */
function rowsFrom(x: Tensor, start: TensorLike, time: number): Tensor {
  return start instanceof TensorClass ? dynamicSlice(x, start, time, 2) : slice(x, 2, start, start + time);
}

/** The same values; the gradient is multiplied by a mask. */
function maskGradient(x: Tensor, mask: Tensor): Tensor {
  return customGradient(
    (same: Tensor) => same,
    (g) => [mul(g, mask)],
  )(x);
}
