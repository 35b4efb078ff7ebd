// Old memories made fewer instead of dropped: `rate` of them become one. Knows nothing of how memories are looked at.
// Source: Rae et al. 2019 (Compressive Transformers), sections 3.1 and 3.2, algorithms 1 and 2.
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { TensorLike } from '../engine/ops/constant.js';
import type { LinearParameters } from '../nn/linear.js';
import type { HeadProjections, InputProjectionParameters } from '../nn/head-projections.js';
import type { Remembered } from '../nn/relative-attention.js';
import type { UnfoldOptions } from '../nn/unfold.js';
import type { AlignedSegments, SegmentLengths, SegmentState } from './segment-alignment.js';
import { ConfigError } from '../core/errors.js';
import { add, div, maximum, minimum, mul, square, sub } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { and, greater, greaterOrEqual, lessOrEqual } from '../engine/ops/comparison.js';
import { full, range } from '../engine/ops/constant.js';
import { dynamicSlice, updateSlice } from '../engine/ops/dynamic-slice.js';
import { stopGradient } from '../engine/ops/identity.js';
import { broadcastTo, reshape } from '../engine/ops/layout.js';
import { max, mean, sum } from '../engine/ops/reduce.js';
import { concat, pad, slice } from '../engine/ops/slicing.js';
import { where } from '../engine/ops/where.js';
import { attend } from '../nn/attend.js';
import { Linear } from '../nn/linear.js';
import { agesOf, asRing, inOrder, quotient, wrapped } from './ring.js';
import { integerScalar, zeros } from './state.js';

/** How several memories become one: a learned convolution whose stride is its width, or their mean, or their maximum. */
export const compressionKinds = ['convolution', 'mean', 'max'] as const;
export type CompressionKind = (typeof compressionKinds)[number];

export interface CompressionOptions {
  readonly width: number;
  readonly kind: CompressionKind;
  /** Memories that become one. */
  readonly rate: number;
  /** Compressed memories that a segment sees. */
  readonly length: number;
  /** Factor of the auxiliary loss. */
  readonly auxiliaryWeight: number;
  /** Whether the convolution has a bias. Default: true. */
  readonly bias?: boolean | undefined;
}

/** Of a convolution: weight [rate * width, width], bias [width] unless there are no biases. */
export type CompressionParameters<T> = LinearParameters<T>;

export interface CompressionState<T> {
  /** [batch, length + segment / rate, width]: a ring. The last ones are made ahead of the end of their segment. */
  readonly memories: T;
  /** int32 scalar: slot of the ring that comes next */
  readonly cursor: T;
}

/** Compressed memories as the segments of a reading see them. */
export interface CompressedReading {
  /** [batch, count, width], without a gradient */
  readonly inputs: Tensor;
  /** Which of them each segment sees. */
  readonly window: UnfoldOptions;
  /** Index of the first that is made of the text; may be negative. */
  readonly first: TensorLike;
  readonly state: CompressionState<Tensor>;
}

/**
 * Memories are compressed as soon as they are older than `memory` tokens, and seen from the next segment on. Nothing that
 * is compressed has a gradient but in the auxiliary loss, which trains the convolution and nothing else.
 */
export class Compression {
  /** Compressed memories that a segment sees. */
  readonly visible: number;
  /** Tokens that all compressed memories together stand for. */
  readonly reach: number;
  private readonly options: CompressionOptions;
  private readonly lengths: SegmentLengths;
  private readonly perSegment: number;
  private readonly slots: number;
  private readonly convolution: Linear | undefined;

  /** @throws {ConfigError} when segment or memory are no multiple of the rate */
  constructor(options: CompressionOptions, lengths: SegmentLengths) {
    requireMultiple('segmentLength', lengths.segment, options.rate);
    requireMultiple('memoryLength', lengths.memory, options.rate);
    const { width, rate, length, kind, bias } = options;
    this.options = options;
    this.lengths = lengths;
    this.visible = length;
    this.perSegment = lengths.segment / rate;
    this.slots = length + this.perSegment;
    this.reach = this.slots * rate;
    if (kind === 'convolution') {
      this.convolution = new Linear({ inputSize: rate * width, outputSize: width, bias });
    }
  }

  /** Pooling has nothing to learn. */
  init(random: Random): CompressionParameters<TensorData> | undefined {
    return this.convolution?.init(random);
  }

  initialState(batch: number): CompressionState<TensorData> {
    return { memories: zeros(batch, this.slots, this.options.width), cursor: integerScalar(0) };
  }

  emptyState(batch: number): CompressionState<Tensor> {
    return {
      memories: broadcastTo(full(0), [batch, this.slots, this.options.width]),
      cursor: full(0, 'int32'),
    };
  }

  stateBytes(): number {
    return 4 * this.slots * this.options.width + 4;
  }

  /** What the next token sees, and the state after it. */
  readOne(
    parameters: CompressionParameters<Tensor> | undefined,
    { inputs, cursor, filled, length }: SegmentState<Tensor>,
    state: CompressionState<Tensor>,
  ): { readonly remembered: Remembered; readonly state: CompressionState<Tensor> } {
    const { rate } = this.options;
    const { memory, segment } = this.lengths;
    const ages = agesOf(this.slots, state.cursor);
    const ahead = quotient(filled, rate);
    const ranks = sub(ages, ahead); // 1 is the newest that may be seen
    const isMade = lessOrEqual(ages, quotient(sub(length, memory), rate));
    const isSeen = and(isMade, and(greaterOrEqual(ranks, 1), lessOrEqual(ranks, this.visible)));
    const remembered = {
      inputs: stopGradient(state.memories),
      distances: add(maximum(minimum(ranks, this.visible), 1), add(filled, memory)),
      bias: where(isSeen, 0, -Infinity),
    };
    const isDue = greater(quotient(add(filled, 1), rate), ahead);
    const oldest = wrapped(add(cursor, segment - rate + 1), memory + segment);
    const made = this.compress(parameters, stopGradient(dynamicSlice(inputs, oldest, rate, 1)));
    const isText = greaterOrEqual(length, memory + rate - 1);
    const before = dynamicSlice(state.memories, state.cursor, 1, 1);
    const written = where(isDue, where(isText, stopGradient(made), 0), before);
    const next = {
      memories: updateSlice(state.memories, written, state.cursor, 1),
      cursor: wrapped(add(state.cursor, cast(isDue, 'int32')), this.slots),
    };
    return { remembered, state: next };
  }

  /** What the segments of a reading see, and the state after it. @param time tokens that are read */
  readMany(
    parameters: CompressionParameters<Tensor> | undefined,
    { sequence, count, first }: AlignedSegments,
    time: number,
    filled: Tensor,
    state: CompressionState<Tensor>,
  ): CompressedReading {
    const { rate } = this.options;
    const { segment } = this.lengths;
    const old = stopGradient(slice(sequence, 1, 0, count * segment));
    const isText = greaterOrEqual(mul(range(count * this.perSegment), rate), first);
    const made = where(
      reshape(isText, [count * this.perSegment, 1]),
      stopGradient(this.compress(parameters, old)),
      0,
    );
    const ahead = quotient(filled, rate);
    const known = pad(inOrder(state.memories, state.cursor, 1), [[0, 0], [this.perSegment, 0], [0, 0]]); // prettier-ignore
    const before = dynamicSlice(known, sub(this.perSegment, ahead), this.slots, 1); // those up to the first segment's memory
    const all = concat([before, made], 1);
    const done = quotient(add(filled, time), rate);
    const cursor = wrapped(add(state.cursor, sub(done, ahead)), this.slots);
    return {
      inputs: stopGradient(slice(all, 1, this.perSegment)),
      window: { width: this.visible, stride: this.perSegment, count },
      first: sub(this.visible, quotient(sub(0, first), rate)),
      state: { memories: asRing(dynamicSlice(all, done, this.slots, 1), cursor, 1), cursor },
    };
  }

  /**
   * How much attention to compressed memories differs from attention to what they are made of: the mean square, over the
   * segments that this reading completes. Its gradient goes to the convolution only. Algorithm 2 of the paper.
   * @returns nothing where there is nothing to learn
   */
  auxiliaryLoss(
    projections: HeadProjections,
    parameters: InputProjectionParameters<Tensor> & { readonly compression?: CompressionParameters<Tensor> },
    { sequence, count, first }: AlignedSegments,
    read: Tensor,
  ): Tensor | undefined {
    if (this.convolution === undefined) return undefined;
    const { segment, memory } = this.lengths;
    const fixed = withoutGradient(parameters);
    const inputs = stopGradient(sequence);
    const [batch = 1] = inputs.shape;
    const { heads, headSize } = projections;
    const project = (part: 'query' | 'key' | 'value', x: Tensor): Tensor =>
      reshape(projections.part(fixed, part, x), [batch, heads, count, (x.shape[1] ?? 0) / count, headSize]);
    const query = project('query', slice(inputs, 1, memory));
    const look = (x: Tensor): Tensor =>
      attend([{ query, key: project('key', x), value: project('value', x) }], 1 / Math.sqrt(headSize)).output;
    const old = slice(inputs, 1, 0, count * segment);
    const difference = sub(look(this.compress(parameters.compression, old)), stopGradient(look(old)));
    const errors = mean(square(difference), [0, 1, 3, 4]); // [count]
    const begins = mul(range(count), segment);
    const counts = and(greaterOrEqual(begins, first), lessOrEqual(add(begins, segment), read));
    const weights = cast(counts, 'float32');
    return mul(div(sum(mul(errors, weights)), maximum(sum(weights), 1)), this.options.auxiliaryWeight);
  }

  /** [batch, time, width] to [batch, time / rate, width] */
  private compress(parameters: CompressionParameters<Tensor> | undefined, x: Tensor): Tensor {
    const { rate, width, kind } = this.options;
    const [batch = 0, time = 0] = x.shape;
    if (this.convolution !== undefined && parameters !== undefined)
      return this.convolution.apply(parameters, reshape(x, [batch, time / rate, rate * width]));
    const groups = reshape(x, [batch, time / rate, rate, width]);
    return kind === 'mean' ? mean(groups, 2) : max(groups, 2);
  }
}

function withoutGradient({
  query,
  key,
  value,
}: InputProjectionParameters<Tensor>): InputProjectionParameters<Tensor> {
  const fixed = ({ weight }: LinearParameters<Tensor>) => ({ weight: stopGradient(weight) });
  return { query: fixed(query), key: fixed(key), value: fixed(value) };
}

/** @throws {ConfigError} */
function requireMultiple(what: string, length: number, rate: number): void {
  if (length > 0 && length % rate === 0) return;
  throw new ConfigError(
    `compressive: ${what} ${length} is not a multiple of rate ${rate}; choose lengths that the rate divides.`,
    { fields: { [what]: length, rate } },
  );
}
