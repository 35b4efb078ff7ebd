// Linear attention: a memory matrix a head that keys and values are added to, with a gate that lets each channel forget.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { ChannelDecayGateParameters } from './fast-weights/channel-decay-gate.js';
import type { FastWeightOptions, Segment, SegmentReading } from './fast-weights/fast-weight-memory.js';
import { ConfigError } from '../core/errors.js';
import { withScope } from '../engine/graph.js';
import { observe } from '../engine/observe.js';
import { add, div } from '../engine/ops/arithmetic.js';
import { full } from '../engine/ops/constant.js';
import { broadcastTo } from '../engine/ops/layout.js';
import { concat, split } from '../engine/ops/slicing.js';
import { exp } from '../engine/ops/unary.js';
import { ChannelDecayGate } from './fast-weights/channel-decay-gate.js';
import { FastWeightMemory } from './fast-weights/fast-weight-memory.js';
import { readByAddition, readByDecayingAddition } from './fast-weights/linear-attention-rule.js';
import { positiveFeatures } from './fast-weights/positive-features.js';
import { chunkSchema, convolutionSchema } from './fast-weights/sizes.js';
import { defineMemory } from './memory-kind.js';

export interface LinearAttentionGates<T> {
  readonly decay?: ChannelDecayGateParameters<T>;
}

/** Longest chunk in which the products of gates stay in the range of float32. */
const longestGatedChunk = 16;

/** Added to the normalizer. */
const epsilon = 1e-6;

/**
 * With `gated`: M_t = diag(alpha_t) M_{t-1} + k_t v_t^T, o_t = M_t^T q_t, RMS norm and output gate. Source: Yang et al. 2023,
 * "Gated linear attention transformers with hardware-efficient training" (GLA).
 *
 * Without: M_t = M_{t-1} + f(k_t) v_t^T, z_t = z_{t-1} + f(k_t), o_t = M_t^T f(q_t) / (z_t . f(q_t)), f(x) = elu(x) + 1; z is the
 * last column of the memory. Source: Katharopoulos et al. 2020, "Transformers are RNNs".
 */
export class LinearAttention extends FastWeightMemory<LinearAttentionGates<TensorData>> {
  private readonly decay: ChannelDecayGate | undefined;

  /** @throws {ConfigError} when heads do not divide the width, or a size is not a whole number above 0 */
  constructor({ gated = true, convolution = 0, chunk = 16, ...options }: FastWeightOptions) {
    const activation = convolution === 0 ? 'none' : 'silu';
    super({ kind: 'linear-attention', gated, convolution, chunk, ...options, activation, norm: gated });
    if (gated && chunk > longestGatedChunk) {
      throw new ConfigError(
        `linear-attention: chunk ${chunk} is too long for gates; choose at most ${longestGatedChunk}, or gated: false.`,
        { fields: { chunk } },
      );
    }
    const keyWidth = this.heads * this.keySize;
    this.decay = gated ? new ChannelDecayGate({ width: this.width, keyWidth }) : undefined;
  }

  /** Values, and the normalizer where there is one. */
  protected override get columns(): number {
    return this.decay === undefined ? this.valueSize + 1 : this.valueSize;
  }

  protected override initGates(random: Random): LinearAttentionGates<TensorData> {
    return this.decay ? { decay: this.decay.init(random.split('decay')) } : {};
  }

  protected override readSegment(
    { decay }: LinearAttentionGates<Tensor>,
    segment: Segment,
    memory: Tensor,
  ): SegmentReading {
    const gate = this.decay;
    if (gate === undefined || decay === undefined) return readNormalized(segment, memory);
    const { x, projected, cut } = segment;
    const logDecay = withScope('decay', () => gate.apply(decay, x)); // [batch, time, heads * keySize]
    observe('decay', exp(logDecay));
    const input = { query: cut(projected.query), key: cut(projected.key), value: cut(projected.value) };
    return readByDecayingAddition(input, cut(logDecay), memory);
  }
}

/** The normalizer is what a value of 1 adds up to. Features are made before cutting, so that padding has none. */
function readNormalized({ projected, cut }: Segment, memory: Tensor): SegmentReading {
  const value = cut(projected.value);
  const ones = broadcastTo(full(1), [...value.shape.slice(0, -1), 1]);
  const input = {
    query: cut(positiveFeatures(projected.query)),
    key: cut(positiveFeatures(projected.key)),
    value: concat([value, ones]),
  };
  const { output, memory: next } = readByAddition(input, memory);
  const [read, normalizer] = split(output, [value.shape.at(-1) ?? 0, 1]) as readonly [Tensor, Tensor];
  return { output: div(read, add(normalizer, epsilon)), memory: next };
}

export const linearAttentionKind = defineMemory({
  kind: 'linear-attention',
  options: z.strictObject({
    keySize: z.int().positive().optional(),
    gated: z.boolean().default(true),
    convolution: convolutionSchema.default(0),
    chunk: chunkSchema.default(16),
  }),
  create: (shared, own) => new LinearAttention({ ...shared, ...own }),
});
