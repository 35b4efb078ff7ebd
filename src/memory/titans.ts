// Titans: a small network in each head that is trained while it reads, and asked what it learned.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Initializer } from '../nn/initializers.js';
import type { LinearParameters } from '../nn/linear.js';
import type { HeadOutputParameters } from './fast-weights/head-output.js';
import type { HeadProjectionParameters } from './fast-weights/head-projection.js';
import type { LearnedMemoryInput, LearnedMemoryState } from './fast-weights/learned-memory.js';
import type { SegmentGrid } from './fast-weights/segment-grid.js';
import type { Memory, Reading } from './memory.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import { mapTree } from '../core/tree.js';
import { withScope } from '../engine/graph.js';
import { observe } from '../engine/observe.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { full } from '../engine/ops/constant.js';
import { broadcastTo, expandDims, reshape, zerosLike } from '../engine/ops/layout.js';
import { split } from '../engine/ops/slicing.js';
import { exp, neg, sigmoid, softplus } from '../engine/ops/unary.js';
import { initialize } from '../nn/initializers.js';
import { requireAxes, requireWidth } from '../nn/layer.js';
import { Linear } from '../nn/linear.js';
import { fromChunks, intoChunks } from './fast-weights/chunks.js';
import { HeadOutput } from './fast-weights/head-output.js';
import { HeadProjection } from './fast-weights/head-projection.js';
import { readByLearning } from './fast-weights/learned-memory.js';
import { segmentGrid } from './fast-weights/segment-grid.js';
import { chunkSchema, convolutionSchema, headSizeOf } from './fast-weights/sizes.js';
import { unitLength } from './fast-weights/unit-length.js';
import { bytesOf, zeros } from './fast-weights/zeros.js';
import { defineMemory } from './memory-kind.js';
import { requireSizes } from '../nn/sizes.js';

export interface TitansOptions {
  readonly width: number;
  readonly heads: number;
  /** Layers of the network that is the memory of a head. Default: 2. */
  readonly depth?: 1 | 2 | undefined;
  /** Size between the two layers, in sizes of a head. Default: 2. */
  readonly expansion?: number | undefined;
  /** Tokens whose gradients are taken at the same weights: smaller learns more exactly, larger is faster. Default: 16. */
  readonly chunk?: number | undefined;
  /** Largest learning rate of a token. Default: 1 / (2 chunk), so that equal tokens of a chunk do not overshoot. */
  readonly learningRate?: number | undefined;
  /** Tokens that the short convolution sees, at least 2; 0: there is none. Default: 4. */
  readonly convolution?: number | undefined;
  /** Of the output projection. Default: true. */
  readonly bias?: boolean | undefined;
  readonly weightInitializer?: Initializer | undefined;
  readonly outputInitializer?: Initializer | undefined;
}

export interface TitansParameters<T> {
  readonly projection: HeadProjectionParameters<T>;
  /** Of learning rate, momentum and forgetting, one after the other: [width, 3 heads] and [3 heads] */
  readonly gates: LinearParameters<T>;
  /** The network before anything was read, for each layer: [heads, inputs, outputs] */
  readonly network: readonly T[];
  readonly output: HeadOutputParameters<T>;
}

/** For each layer of the network a tensor [batch, heads, inputs, outputs]. */
export interface TitansState<T> {
  /** Weights at the start of the chunk, less those of `network` */
  readonly anchor: readonly T[];
  /** Weights after the last token, less those of `network` */
  readonly weights: readonly T[];
  /** Momentum of the weights */
  readonly momentum: readonly T[];
  /** What the convolution saw last: [batch, convolution - 1, 3 width]. Absent where there is none. */
  readonly recent?: T;
  /** int32 scalar: tokens read of the chunk */
  readonly filled: T;
}

/** First biases of learning rate, momentum and forgetting: half of the largest rate, 0.5, and 0.02. */
const firstBiases = [0, 0, -4] as const;

/** log(sigmoid(x)) */
function logSigmoid(x: Tensor): Tensor {
  return neg(softplus(neg(x)));
}

/**
 * A neural memory as a layer: the network M of a head learns M(k_t) = v_t by gradient descent with momentum and forgetting,
 * all three rates decided by the token, and answers M(q_t). One layer is a matrix, two are W2 silu(W1 x).
 * Source: Behrouz et al. 2025, "Titans: learning to memorize at test time", section 3.1 and "memory as a layer"; heads as in
 * multi-head attention, and gradients at the start of a chunk as in section 3.2. Without persistent tokens.
 */
export class Titans implements Memory<TitansParameters<TensorData>, TitansState<TensorData>> {
  readonly kind = 'titans';
  readonly width: number;
  readonly heads: number;
  readonly chunk: number;
  readonly learningRate: number;
  /** Sizes before, between and behind the layers of the network. */
  readonly sizes: readonly number[];
  private readonly projection: HeadProjection;
  private readonly gates: Linear;
  private readonly output: HeadOutput;

  /** @throws {ConfigError} when heads do not divide the width, or a size is not a whole number above 0 */
  constructor({ width, heads, depth = 2, expansion = 2, chunk = 16, ...options }: TitansOptions) {
    const { convolution = 4, weightInitializer } = options;
    const size = headSizeOf(this.kind, width, heads);
    requireSizes(this.kind, { expansion, chunk });
    this.width = width;
    this.heads = heads;
    this.chunk = chunk;
    this.learningRate = options.learningRate ?? 1 / (2 * chunk);
    this.sizes = depth === 1 ? [size, size] : [size, expansion * size, size];
    this.projection = new HeadProjection({
      width,
      keyWidth: width,
      valueWidth: width,
      convolution,
      activation: 'silu',
      weightInitializer,
    });
    this.gates = new Linear({ inputSize: width, outputSize: 3 * heads, weightInitializer });
    this.output = new HeadOutput({ ...options, width, heads, norm: true, gated: true });
  }

  init(random: Random): TitansParameters<TensorData> {
    const gates = this.gates.init(random.split('gates'));
    const bias = firstBiases.flatMap((value) => Array.from({ length: this.heads }, () => value));
    return {
      projection: this.projection.init(random.split('projection')),
      gates: { ...gates, bias: new HostTensor('float32', [bias.length], Float32Array.from(bias)) },
      network: this.layers((inputs, outputs, layer) => {
        const source = random.split('network').split(layer);
        return initialize({ normal: inputs ** -0.5 }, [this.heads, inputs, outputs], source);
      }),
      output: this.output.init(random.split('output')),
    };
  }

  initialState(batch: number): TitansState<TensorData> {
    const empty = () => this.layers((inputs, outputs) => zeros(batch, this.heads, inputs, outputs));
    const { convolution } = this.projection;
    return {
      anchor: empty(),
      weights: empty(),
      momentum: empty(),
      ...(convolution && { recent: convolution.initialState(batch) }),
      filled: new HostTensor('int32', [], Int32Array.of(0)),
    };
  }

  stateBytes(): number {
    return bytesOf(this.initialState(1));
  }

  read(
    parameters: TitansParameters<Tensor>,
    x: Tensor,
    given?: TitansState<Tensor>,
  ): Reading<TitansState<TensorData>> {
    const name = `Titans(${this.width}, ${this.heads} heads)`;
    requireAxes(name, x, ['batch', 'time', 'width']);
    requireWidth(name, x, this.width);
    const [batch = 0, time = 0] = x.shape;
    const state = given ?? mapTree(this.initialState(batch), zerosLike);
    if (time === 0) return { output: x, state };
    const projected = this.projection.apply(parameters.projection, x, state.recent);
    const grid = segmentGrid(this.chunk, time, given?.filled);
    const input = this.inChunks(parameters, x, projected, grid);
    const network = parameters.network.map((weights) => this.rowsOf(weights, batch));
    const { output, surprise, state: next } = readByLearning(input, this.unpack(state, network));
    const byHead = (read: Tensor): Tensor => grid.take(fromChunks(read, batch, grid.length));
    observe('surprise', byHead(surprise));
    return {
      output: this.output.apply(parameters.output, byHead(output), x),
      state: {
        ...this.pack(next, network, batch),
        ...(projected.recent && { recent: projected.recent }),
        filled: grid.filled,
      },
    };
  }

  step(
    parameters: TitansParameters<Tensor>,
    x: Tensor,
    state: TitansState<Tensor>,
  ): Reading<TitansState<TensorData>> {
    const { output, state: next } = this.read(parameters, expandDims(x, 1), state);
    return { output: reshape(output, x.shape), state: next };
  }

  private layers<T>(make: (inputs: number, outputs: number, layer: number) => T): readonly T[] {
    return this.sizes.slice(1).map((outputs, layer) => make(this.sizes[layer] ?? 0, outputs, layer));
  }

  /** Places of the grid without a token learn nothing, forget nothing, and keep the momentum as it is. */
  private inChunks(
    { gates }: TitansParameters<Tensor>,
    x: Tensor,
    projected: { readonly query: Tensor; readonly key: Tensor; readonly value: Tensor },
    grid: SegmentGrid,
  ): LearnedMemoryInput {
    const cut = (signal: Tensor): Tensor => intoChunks(grid.place(signal), this.heads, grid.segment);
    const logits = withScope('gates', () => this.gates.apply(gates, x));
    const parts = split(logits, [this.heads, this.heads, this.heads]);
    const [rate, momentum, forgetting] = parts as readonly [Tensor, Tensor, Tensor];
    const learningRate = mul(sigmoid(rate), this.learningRate);
    const [logMomentum, logKept] = [logSigmoid(momentum), logSigmoid(neg(forgetting))];
    observe('learningRate', learningRate);
    observe('momentum', exp(logMomentum));
    observe('decay', exp(logKept));
    return {
      query: unitLength(cut(projected.query)),
      key: unitLength(cut(projected.key)),
      value: cut(projected.value),
      rate: cut(learningRate),
      logMomentum: cut(logMomentum),
      logKept: cut(logKept),
      present: cut(broadcastTo(full(1), rate.shape)),
      complete: grid.complete,
    };
  }

  /** [heads, inputs, outputs] to [batch * heads, inputs, outputs] */
  private rowsOf(weights: Tensor, batch: number): Tensor {
    const [, inputs = 0, outputs = 0] = weights.shape;
    const repeated = broadcastTo(weights, [batch, this.heads, inputs, outputs]);
    return reshape(repeated, [batch * this.heads, inputs, outputs]);
  }

  private unpack(state: TitansState<Tensor>, network: readonly Tensor[]): LearnedMemoryState {
    const rows = (layers: readonly Tensor[]): Tensor[] =>
      layers.map((layer, i) => reshape(layer, network[i]?.shape ?? []));
    const whole = (layers: readonly Tensor[]): Tensor[] =>
      rows(layers).map((layer, i) => add(layer, network[i] ?? 0));
    return {
      anchor: whole(state.anchor),
      weights: whole(state.weights),
      momentum: rows(state.momentum),
    };
  }

  private pack(state: LearnedMemoryState, network: readonly Tensor[], batch: number) {
    const byHead = (layers: readonly Tensor[]): Tensor[] =>
      layers.map((layer) => reshape(layer, [batch, this.heads, ...layer.shape.slice(1)]));
    const learned = (layers: readonly Tensor[]): Tensor[] =>
      byHead(layers.map((layer, i) => sub(layer, network[i] ?? 0)));
    return {
      anchor: learned(state.anchor),
      weights: learned(state.weights),
      momentum: byHead(state.momentum),
    };
  }
}

export const titansKind = defineMemory({
  kind: 'titans',
  options: z.strictObject({
    depth: z.literal([1, 2]).default(2),
    expansion: z.int().positive().default(2),
    chunk: chunkSchema.default(16),
    learningRate: z.number().positive().optional(),
    convolution: convolutionSchema.default(4),
  }),
  create: (shared, own) => new Titans({ ...shared, ...own }),
});
