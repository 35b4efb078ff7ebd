// DeltaNet: a memory matrix a head whose entries are overwritten by the delta rule, with a gate that lets it forget.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { LinearParameters } from '../nn/linear.js';
import type { DecayGateParameters } from './fast-weights/decay-gate.js';
import type { FastWeightOptions, Segment, SegmentReading } from './fast-weights/fast-weight-memory.js';
import { withScope } from '../engine/graph.js';
import { observe } from '../engine/observe.js';
import { exp, sigmoid } from '../engine/ops/unary.js';
import { Linear } from '../nn/linear.js';
import { DecayGate } from './fast-weights/decay-gate.js';
import { readByDeltaRule } from './fast-weights/delta-rule.js';
import { FastWeightMemory } from './fast-weights/fast-weight-memory.js';
import { chunkSchema, convolutionSchema } from './fast-weights/sizes.js';
import { unitLength } from './fast-weights/unit-length.js';
import { defineMemory } from './memory-kind.js';

export interface DeltaNetGates<T> {
  /** Of the writing strengths: [width, heads] and [heads] */
  readonly rate: LinearParameters<T>;
  readonly decay?: DecayGateParameters<T>;
}

/**
 * S_t = alpha_t S_{t-1} (I - beta_t k_t k_t^T) + beta_t v_t k_t^T, o_t = S_t q_t, in every head; beta_t = sigmoid(x W + b), keys
 * and queries of length 1 behind silu, RMS norm over what a head read.
 * Sources: Yang et al. 2024, "Parallelizing linear transformers with the delta rule over sequence length"; with `gated` (decay
 * alpha, output gate): Yang, Kautz and Hatamizadeh 2025, "Gated delta networks". Queries are not scaled: the norm undoes it.
 */
export class DeltaNet extends FastWeightMemory<DeltaNetGates<TensorData>> {
  private readonly rate: Linear;
  private readonly decay: DecayGate | undefined;

  /** @throws {ConfigError} when heads do not divide the width, or a size is not a whole number above 0 */
  constructor({ gated = true, convolution = 4, chunk = 32, ...options }: FastWeightOptions) {
    super({ kind: 'delta-net', gated, convolution, chunk, ...options, activation: 'silu', norm: true });
    const { width, heads, weightInitializer } = options;
    this.rate = new Linear({ inputSize: width, outputSize: heads, weightInitializer });
    this.decay = gated ? new DecayGate({ width, heads }) : undefined;
  }

  protected override initGates(random: Random): DeltaNetGates<TensorData> {
    return {
      rate: this.rate.init(random.split('rate')),
      ...(this.decay && { decay: this.decay.init(random.split('decay')) }),
    };
  }

  protected override readSegment(
    gates: DeltaNetGates<Tensor>,
    { x, projected, cut }: Segment,
    memory: Tensor,
  ): SegmentReading {
    const rate = withScope('rate', () => sigmoid(this.rate.apply(gates.rate, x))); // [batch, time, heads]
    const logDecay = this.logDecay(gates, x);
    observe('writingStrength', rate);
    if (logDecay !== undefined) observe('decay', exp(logDecay));
    const input = {
      query: unitLength(cut(projected.query)),
      key: unitLength(cut(projected.key)),
      value: cut(projected.value),
      rate: cut(rate),
      logDecay: logDecay && cut(logDecay),
    };
    return readByDeltaRule(input, memory);
  }

  private logDecay({ decay }: DeltaNetGates<Tensor>, x: Tensor): Tensor | undefined {
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
    chunk: chunkSchema.default(32),
  }),
  create: (shared, own) => new DeltaNet({ ...shared, ...own }),
});
