// Infini-attention: attention within a segment beside a memory matrix a head, which full segments are written into.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Initializer } from '../nn/initializers.js';
import type { LinearParameters } from '../nn/linear.js';
import type { HeadProjectionParameters } from './fast-weights/head-projection.js';
import type { SegmentGrid } from './fast-weights/segment-grid.js';
import type { Memory, Reading } from './memory.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import { mapTree } from '../core/tree.js';
import { withScope } from '../engine/graph.js';
import { observe } from '../engine/observe.js';
import { add, div, mul, sub } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { full } from '../engine/ops/constant.js';
import { broadcastTo, expandDims, reshape, zerosLike } from '../engine/ops/layout.js';
import { matmul } from '../engine/ops/matmul.js';
import { scan } from '../engine/ops/scan.js';
import { concat, pad, slice } from '../engine/ops/slicing.js';
import { sigmoid } from '../engine/ops/unary.js';
import { initialize } from '../nn/initializers.js';
import { requireAxes, requireWidth } from '../nn/layer.js';
import { Linear } from '../nn/linear.js';
import { Rotary } from '../nn/rotary.js';
import { scaledDotProductAttention } from '../nn/scaled-dot-product-attention.js';
import { fromChunks, intoChunks } from './fast-weights/chunks.js';
import { HeadProjection } from './fast-weights/head-projection.js';
import { positiveFeatures } from './fast-weights/positive-features.js';
import { segmentGrid } from './fast-weights/segment-grid.js';
import { headSizeOf } from './fast-weights/sizes.js';
import { bytesOf, zeros } from './fast-weights/zeros.js';
import { defineMemory } from './memory-kind.js';
import { windowFor } from './window-length.js';
import { requireSizes } from '../nn/sizes.js';

export interface InfiniAttentionOptions {
  readonly width: number;
  readonly heads: number;
  /** Tokens of a segment: what local attention sees at most. Default: 64. */
  readonly segment?: number | undefined;
  /** Whether a segment is added to the memory, or only what the memory does not hold of it yet. Default: `delta`. */
  readonly update?: 'linear' | 'delta' | undefined;
  /** Turn queries and keys of local attention by their positions in the segment. Default: false. */
  readonly rotary?: boolean | undefined;
  /** Of the output projection. Default: true. */
  readonly bias?: boolean | undefined;
  readonly weightInitializer?: Initializer | undefined;
  readonly outputInitializer?: Initializer | undefined;
}

export interface InfiniAttentionParameters<T> {
  readonly projection: HeadProjectionParameters<T>;
  /** [heads]: sigmoid of it is the share of the memory in the output */
  readonly memoryShare: T;
  readonly output: LinearParameters<T>;
}

export interface InfiniAttentionState<T> {
  /** Of the tokens in the segment that is not full: [batch, segment, width]; zeros from `filled` on */
  readonly keys: T;
  /** [batch, segment, width]; zeros from `filled` on */
  readonly values: T;
  /** [batch, heads, headSize, headSize + 1]; the last column is the normalizer */
  readonly memory: T;
  /** int32 scalar: tokens in the segment that is not full */
  readonly filled: T;
}

/** One matrix for each segment and head: [segments, batch * heads, segment, headSize]. */
interface BySegment {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
}

/** Added to the normalizer. */
const epsilon = 1e-6;

/**
 * o = g recalled + (1 - g) attended within the segment, g = sigmoid(memoryShare): with f = elu + 1, the memory answers
 * f(q) M / (f(q) z), and after each segment M += f(K)^T (V - f(K) M / (f(K) z)) (`delta`) or M += f(K)^T V (`linear`),
 * z += the sum of f(k).
 * Source: Munkhdalai et al. 2024, "Leave no context behind", section 2.1. A token reads what was written before its segment.
 */
export class InfiniAttention implements Memory<
  InfiniAttentionParameters<TensorData>,
  InfiniAttentionState<TensorData>
> {
  readonly kind = 'infini-attention';
  readonly width: number;
  readonly heads: number;
  readonly segment: number;
  readonly update: 'linear' | 'delta';
  private readonly headSize: number;
  private readonly rotary: Rotary | undefined;
  private readonly projection: HeadProjection;
  private readonly output: Linear;

  /** @throws {ConfigError} when heads do not divide the width, or the segment is not a whole number above 0 */
  constructor({ width, heads, segment = 64, update = 'delta', ...options }: InfiniAttentionOptions) {
    const { weightInitializer, outputInitializer = weightInitializer, bias } = options;
    this.width = width;
    this.heads = heads;
    this.segment = segment;
    this.update = update;
    this.headSize = headSizeOf(this.kind, width, heads);
    requireSizes(this.kind, { segment });
    this.rotary = options.rotary ? new Rotary({ headSize: this.headSize }) : undefined;
    const sizes = { width, keyWidth: width, valueWidth: width };
    this.projection = new HeadProjection({
      ...sizes,
      convolution: 0,
      activation: 'none',
      weightInitializer,
    });
    this.output = new Linear({
      inputSize: width,
      outputSize: width,
      bias,
      weightInitializer: outputInitializer,
    });
  }

  init(random: Random): InfiniAttentionParameters<TensorData> {
    return {
      projection: this.projection.init(random.split('projection')),
      memoryShare: initialize('zeros', [this.heads], random),
      output: this.output.init(random.split('output')),
    };
  }

  initialState(batch: number): InfiniAttentionState<TensorData> {
    return {
      keys: zeros(batch, this.segment, this.width),
      values: zeros(batch, this.segment, this.width),
      memory: zeros(batch, this.heads, this.headSize, this.headSize + 1),
      filled: new HostTensor('int32', [], Int32Array.of(0)),
    };
  }

  stateBytes(): number {
    return bytesOf(this.initialState(1));
  }

  read(
    parameters: InfiniAttentionParameters<Tensor>,
    x: Tensor,
    state?: InfiniAttentionState<Tensor>,
  ): Reading<InfiniAttentionState<TensorData>> {
    const name = `InfiniAttention(${this.width}, ${this.heads} heads)`;
    requireAxes(name, x, ['batch', 'time', 'width']);
    requireWidth(name, x, this.width);
    const [batch = 0, time = 0] = x.shape;
    const before = state?.memory ?? mapTree(this.initialState(batch), zerosLike).memory;
    if (time === 0) return { output: x, state: state ?? mapTree(this.initialState(batch), zerosLike) };
    const projected = this.projection.apply(parameters.projection, x);
    const grid = segmentGrid(this.segment, time, state?.filled);
    const keys = grid.place(projected.key, state?.keys);
    const values = grid.place(projected.value, state?.values);
    const cut = (placed: Tensor): Tensor => intoChunks(placed, this.heads, this.segment);
    const bySegment = { query: cut(grid.place(projected.query)), key: cut(keys), value: cut(values) };
    const rows = reshape(before, [batch * this.heads, this.headSize, this.headSize + 1]);
    const { output, memory } = this.readMemory(bySegment, rows, grid);
    const byHead = (read: Tensor): Tensor => grid.take(fromChunks(read, batch, grid.length));
    const mixed = this.mix(parameters, byHead(output), byHead(this.attend(bySegment)));
    const joined = reshape(mixed, x.shape);
    return {
      output: withScope('output', () => this.output.apply(parameters.output, joined)),
      state: {
        keys: grid.last(keys),
        values: grid.last(values),
        memory: reshape(memory, before.shape),
        filled: grid.filled,
      },
    };
  }

  step(
    parameters: InfiniAttentionParameters<Tensor>,
    x: Tensor,
    state: InfiniAttentionState<Tensor>,
  ): Reading<InfiniAttentionState<TensorData>> {
    const { output, state: next } = this.read(parameters, expandDims(x, 1), state);
    return { output: reshape(output, x.shape), state: next };
  }

  private attend({ query, key, value }: BySegment): Tensor {
    const turned = (heads: Tensor): Tensor => this.rotary?.apply(heads) ?? heads;
    return scaledDotProductAttention(turned(query), turned(key), value, { causal: true });
  }

  /** @param memory [batch * heads, headSize, headSize + 1] */
  private readMemory({ query, key, value }: BySegment, memory: Tensor, { complete }: SegmentGrid) {
    const features = positiveFeatures(key);
    const ones = broadcastTo(full(1), [...value.shape.slice(0, -1), 1]);
    const segments = {
      features,
      written: mul(features, cast(complete, 'float32')),
      value: concat([value, ones]),
    };
    const { carry, ys: before } = scan(
      (current: Tensor, { features: f, written, value: fresh }: typeof segments) => {
        const change = this.update === 'delta' ? sub(fresh, withoutNormalizer(recall(f, current))) : fresh;
        return { carry: add(current, matmul(written, change, { transposeA: true })), y: current };
      },
      memory,
      segments,
    );
    return { output: recall(positiveFeatures(query), before), memory: carry };
  }

  /** @param remembered and @param attended [batch, time, heads, headSize] */
  private mix(
    { memoryShare }: InfiniAttentionParameters<Tensor>,
    remembered: Tensor,
    attended: Tensor,
  ): Tensor {
    const share = reshape(sigmoid(memoryShare), [this.heads, 1]);
    observe('memoryShare', sigmoid(memoryShare));
    return add(attended, mul(share, sub(remembered, attended)));
  }
}

/** What the memory answers: [..., headSize]; zeros while nothing is written. */
function recall(features: Tensor, memory: Tensor): Tensor {
  const answer = matmul(features, memory);
  return div(slice(answer, -1, 0, -1), add(slice(answer, -1, -1), epsilon));
}

/** A column of zeros for the normalizer, from which nothing is taken away. */
function withoutNormalizer(values: Tensor): Tensor {
  return pad(
    values,
    values.shape.map((_, axis, { length }) => [0, axis === length - 1 ? 1 : 0]),
  );
}

export const infiniAttentionKind = defineMemory({
  kind: 'infini-attention',
  options: z.strictObject({
    /** Default: 64, or the block where that is shorter. */
    segment: z.int().positive().optional(),
    update: z.enum(['linear', 'delta']).default('delta'),
  }),
  create: ({ position, maxLength, ...shared }, { segment = Math.min(64, maxLength), update }) =>
    new InfiniAttention({
      ...shared,
      update,
      segment: windowFor('infini-attention', 'segment', segment, maxLength),
      rotary: position === 'rotary',
    }),
});
