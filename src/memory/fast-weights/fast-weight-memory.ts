// A memory of one matrix a head, read and written in chunks. Knows how tokens change the matrix only through a rule.
import type { Random } from '../../core/random.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Symbolic } from '../../engine/compile.js';
import type { Tensor } from '../../engine/graph.js';
import type { Initializer } from '../../nn/initializers.js';
import type { Memory, Reading } from '../memory.js';
import type { HeadOutputParameters } from './head-output.js';
import type { HeadProjectionParameters, Projected } from './head-projection.js';
import { mapTree } from '../../core/tree.js';
import { expandDims, reshape, zerosLike } from '../../engine/ops/layout.js';
import { requireAxes, requireWidth } from '../../nn/layer.js';
import { fromChunks, intoChunks } from './chunks.js';
import { HeadOutput } from './head-output.js';
import { HeadProjection } from './head-projection.js';
import { headSizeOf } from './sizes.js';
import { bytesOf, zeros } from './zeros.js';
import { requireSizes } from '../../nn/sizes.js';

export interface FastWeightOptions {
  readonly width: number;
  readonly heads: number;
  /** Size of the keys of a head. Default: width / heads, which is the size of its values. */
  readonly keySize?: number | undefined;
  /** Whether the memory decays and the output is gated. Default: true. */
  readonly gated?: boolean | undefined;
  /** Tokens that the short convolution over queries, keys and values sees, at least 2; 0: there is none. */
  readonly convolution?: number | undefined;
  /** Tokens that are read in parallel; changes speed, not results. */
  readonly chunk?: number | undefined;
  /** Of the output projection. Default: true. */
  readonly bias?: boolean | undefined;
  readonly weightInitializer?: Initializer | undefined;
  readonly outputInitializer?: Initializer | undefined;
}

export interface FastWeightParameters<T, Gates> {
  readonly projection: HeadProjectionParameters<T>;
  /** What decides how strongly a token writes, and how much is kept. */
  readonly gates: Gates;
  readonly output: HeadOutputParameters<T>;
}

export interface FastWeightState<T> {
  /** [batch, heads, keySize, columns] */
  readonly memory: T;
  /** What the convolution saw last: [batch, convolution - 1, 2 heads keySize + width]. Absent where there is none. */
  readonly recent?: T;
}

/** What a kind of memory decides. */
export interface FastWeightDesign extends FastWeightOptions {
  readonly kind: string;
  readonly gated: boolean;
  readonly convolution: number;
  readonly chunk: number;
  /** What queries, keys and values go through. */
  readonly activation: 'silu' | 'none';
  /** Whether what a head read is normalized. */
  readonly norm: boolean;
}

/** A segment on its way through a memory. */
export interface Segment {
  /** [batch, time, width] */
  readonly x: Tensor;
  readonly projected: Projected;
  /** Cuts [batch, time, heads * size] into [chunks, batch * heads, chunk, size]. */
  cut(signal: Tensor): Tensor;
}

/** What a segment read and left behind. */
export interface SegmentReading {
  /** [chunks, batch * heads, chunk, valueSize] */
  readonly output: Tensor;
  /** [batch * heads, keySize, columns] */
  readonly memory: Tensor;
}

/** What all memories of one matrix a head share: projections before, norm, gate and projection behind, state. */
export abstract class FastWeightMemory<Gates> implements Memory<
  FastWeightParameters<TensorData, Gates>,
  FastWeightState<TensorData>
> {
  readonly kind: string;
  readonly width: number;
  readonly heads: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly chunk: number;
  private readonly projection: HeadProjection;
  private readonly output: HeadOutput;

  /** @throws {ConfigError} when heads do not divide the width, or a size is not a whole number above 0 */
  constructor(design: FastWeightDesign) {
    const { kind, width, heads, chunk } = design;
    this.kind = kind;
    this.width = width;
    this.heads = heads;
    this.valueSize = headSizeOf(kind, width, heads);
    this.keySize = design.keySize ?? this.valueSize;
    this.chunk = chunk;
    requireSizes(kind, { keySize: this.keySize, chunk });
    this.projection = new HeadProjection({ ...design, keyWidth: heads * this.keySize, valueWidth: width });
    this.output = new HeadOutput(design);
  }

  /** Columns of the matrix of a head. */
  protected get columns(): number {
    return this.valueSize;
  }

  protected abstract initGates(random: Random): Gates;

  /** @param memory [batch * heads, keySize, columns] */
  protected abstract readSegment(gates: Symbolic<Gates>, segment: Segment, memory: Tensor): SegmentReading;

  init(random: Random): FastWeightParameters<TensorData, Gates> {
    return {
      projection: this.projection.init(random.split('projection')),
      gates: this.initGates(random.split('gates')),
      output: this.output.init(random.split('output')),
    };
  }

  initialState(batch: number): FastWeightState<TensorData> {
    const { convolution } = this.projection;
    return {
      memory: zeros(batch, this.heads, this.keySize, this.columns),
      ...(convolution && { recent: convolution.initialState(batch) }),
    };
  }

  stateBytes(): number {
    return bytesOf(this.initialState(1));
  }

  read(
    parameters: FastWeightParameters<Tensor, Symbolic<Gates>>,
    x: Tensor,
    given?: FastWeightState<Tensor>,
  ): Reading<FastWeightState<TensorData>> {
    const name = `${this.kind}(${this.width}, ${this.heads} heads)`;
    requireAxes(name, x, ['batch', 'time', 'width']);
    requireWidth(name, x, this.width);
    const [batch = 0, time = 0] = x.shape;
    const state = given ?? mapTree(this.initialState(batch), zerosLike);
    if (time === 0) return { output: x, state };
    const projected = this.projection.apply(parameters.projection, x, state.recent);
    const cut = (signal: Tensor): Tensor => intoChunks(signal, this.heads, Math.min(this.chunk, time));
    const rows = reshape(state.memory, [batch * this.heads, this.keySize, this.columns]);
    const { output, memory } = this.readSegment(parameters.gates, { x, projected, cut }, rows);
    const read = fromChunks(output, batch, time); // [batch, time, heads, valueSize]
    return {
      output: this.output.apply(parameters.output, read, x),
      state: {
        memory: reshape(memory, state.memory.shape),
        ...(projected.recent && { recent: projected.recent }),
      },
    };
  }

  /** A token is a segment of one chunk of one token: the recurrent form. */
  step(
    parameters: FastWeightParameters<Tensor, Symbolic<Gates>>,
    x: Tensor,
    state: FastWeightState<Tensor>,
  ): Reading<FastWeightState<TensorData>> {
    const { output, state: next } = this.read(parameters, expandDims(x, 1), state);
    return { output: reshape(output, x.shape), state: next };
  }
}
