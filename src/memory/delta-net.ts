// DeltaNet: a memory matrix a head whose entries are overwritten by the delta rule, with a gate that lets it forget.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Initializer } from '../nn/initializers.js';
import type { LinearParameters } from '../nn/linear.js';
import type { DecayGateParameters } from './fast-weights/decay-gate.js';
import type { HeadOutputParameters } from './fast-weights/head-output.js';
import type { DeltaRuleInput } from './fast-weights/delta-rule.js';
import type { HeadProjectionParameters, Projected } from './fast-weights/head-projection.js';
import type { Memory, Reading } from './memory.js';
import { mapTree } from '../core/tree.js';
import { withScope } from '../engine/graph.js';
import { observe } from '../engine/observe.js';
import { expandDims, reshape, zerosLike } from '../engine/ops/layout.js';
import { exp, sigmoid } from '../engine/ops/unary.js';
import { requireAxes, requireWidth } from '../nn/layer.js';
import { Linear } from '../nn/linear.js';
import { fromChunks, intoChunks } from './fast-weights/chunks.js';
import { DecayGate } from './fast-weights/decay-gate.js';
import { readByDeltaRule } from './fast-weights/delta-rule.js';
import { HeadOutput } from './fast-weights/head-output.js';
import { HeadProjection } from './fast-weights/head-projection.js';
import { chunkSchema, convolutionSchema, headSizeOf, requireSizes } from './fast-weights/sizes.js';
import { unitLength } from './fast-weights/unit-length.js';
import { bytesOf, zeros } from './fast-weights/zeros.js';
import { defineMemory } from './memory-kind.js';

export interface DeltaNetOptions {
  readonly width: number;
  readonly heads: number;
  /** Size of the keys of a head; a head's memory is [keySize, width / heads]. Default: width / heads. */
  readonly keySize?: number | undefined;
  /** Whether the memory decays and the output is gated (Gated DeltaNet). Default: true. */
  readonly gated?: boolean | undefined;
  /** Tokens that the short convolution sees, at least 2; 0: there is none. Default: 4. */
  readonly convolution?: number | undefined;
  /** Tokens that are read in parallel; changes speed, not results. Default: 64. */
  readonly chunk?: number | undefined;
  /** Of the output projection. Default: true. */
  readonly bias?: boolean | undefined;
  readonly weightInitializer?: Initializer | undefined;
  readonly outputInitializer?: Initializer | undefined;
}

export interface DeltaNetParameters<T> {
  readonly projection: HeadProjectionParameters<T>;
  /** Of the writing strengths: [width, heads] and [heads] */
  readonly rate: LinearParameters<T>;
  readonly decay?: DecayGateParameters<T>;
  readonly output: HeadOutputParameters<T>;
}

export interface DeltaNetState<T> {
  /** [batch, heads, keySize, width / heads]: a key times this is its value */
  readonly memory: T;
  /** What the convolution saw last: [batch, convolution - 1, heads (2 keySize) + width] */
  readonly recent?: T;
}

/**
 * S_t = alpha_t S_{t-1} (I - beta_t k_t k_t^T) + beta_t v_t k_t^T, o_t = S_t q_t, in every head; beta_t = sigmoid(x W + b), keys
 * and queries of length 1 behind silu, RMS norm over what a head read.
 * Sources: Yang et al. 2024, "Parallelizing linear transformers with the delta rule over sequence length"; with `gated`: Yang,
 * Kautz and Hatamizadeh 2025, "Gated delta networks". Queries are not scaled: the norm behind would undo it.
 */
export class DeltaNet implements Memory<DeltaNetParameters<TensorData>, DeltaNetState<TensorData>> {
  readonly kind = 'delta-net';
  readonly width: number;
  readonly heads: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly chunk: number;
  private readonly projection: HeadProjection;
  private readonly rate: Linear;
  private readonly decay: DecayGate | undefined;
  private readonly output: HeadOutput;

  /** @throws {ConfigError} when heads do not divide the width, or a size is not a whole number above 0 */
  constructor({ width, heads, gated = true, convolution = 4, chunk = 64, ...options }: DeltaNetOptions) {
    this.width = width;
    this.heads = heads;
    this.valueSize = headSizeOf(this.kind, width, heads);
    this.keySize = options.keySize ?? this.valueSize;
    this.chunk = chunk;
    requireSizes(this.kind, { keySize: this.keySize, chunk });
    const { weightInitializer } = options;
    this.projection = new HeadProjection({
      width,
      keyWidth: heads * this.keySize,
      valueWidth: width,
      convolution,
      activation: 'silu',
      weightInitializer,
    });
    this.rate = new Linear({ inputSize: width, outputSize: heads, weightInitializer });
    this.decay = gated ? new DecayGate({ width, heads }) : undefined;
    this.output = new HeadOutput({ width, heads, gated, ...options });
  }

  init(random: Random): DeltaNetParameters<TensorData> {
    return {
      projection: this.projection.init(random.split('projection')),
      rate: this.rate.init(random.split('rate')),
      ...(this.decay && { decay: this.decay.init(random.split('decay')) }),
      output: this.output.init(random.split('output')),
    };
  }

  initialState(batch: number): DeltaNetState<TensorData> {
    const { convolution } = this.projection;
    return {
      memory: zeros(batch, this.heads, this.keySize, this.valueSize),
      ...(convolution && { recent: convolution.initialState(batch) }),
    };
  }

  stateBytes(): number {
    return bytesOf(this.initialState(1));
  }

  read(
    parameters: DeltaNetParameters<Tensor>,
    x: Tensor,
    given?: DeltaNetState<Tensor>,
  ): Reading<DeltaNetState<TensorData>> {
    const name = `DeltaNet(${this.width}, ${this.heads} heads)`;
    requireAxes(name, x, ['batch', 'time', 'width']);
    requireWidth(name, x, this.width);
    const [batch = 0, time = 0] = x.shape;
    const state = given ?? mapTree(this.initialState(batch), zerosLike);
    if (time === 0) return { output: x, state };
    const projected = this.projection.apply(parameters.projection, x, state.recent);
    const rows = [batch * this.heads, this.keySize, this.valueSize];
    const { output, memory } = readByDeltaRule(
      this.inChunks(parameters, x, projected),
      reshape(state.memory, rows),
    );
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
    parameters: DeltaNetParameters<Tensor>,
    x: Tensor,
    state: DeltaNetState<Tensor>,
  ): Reading<DeltaNetState<TensorData>> {
    const { output, state: next } = this.read(parameters, expandDims(x, 1), state);
    return { output: reshape(output, x.shape), state: next };
  }

  private inChunks(parameters: DeltaNetParameters<Tensor>, x: Tensor, projected: Projected): DeltaRuleInput {
    const cut = (signal: Tensor): Tensor =>
      intoChunks(signal, this.heads, Math.min(this.chunk, x.shape[1] ?? 0));
    const rate = withScope('rate', () => sigmoid(this.rate.apply(parameters.rate, x))); // [batch, time, heads]
    const logDecay = this.logDecay(parameters, x);
    observe('writingStrength', rate);
    if (logDecay !== undefined) observe('decay', exp(logDecay));
    return {
      query: unitLength(cut(projected.query)),
      key: unitLength(cut(projected.key)),
      value: cut(projected.value),
      rate: cut(rate),
      ...(logDecay && { logDecay: cut(logDecay) }),
    };
  }

  private logDecay({ decay }: DeltaNetParameters<Tensor>, x: Tensor): Tensor | undefined {
    const gate = this.decay;
    return gate && decay && withScope('decay', () => gate.apply(decay, x));
  }
}

export const deltaNetKind = defineMemory({
  kind: 'delta-net',
  options: z.strictObject({
    keySize: z.int().positive().optional(),
    gated: z.boolean().default(true),
    convolution: convolutionSchema.default(4),
    chunk: chunkSchema.default(64),
  }),
  create: (shared, own) => new DeltaNet({ ...shared, ...own }),
});
