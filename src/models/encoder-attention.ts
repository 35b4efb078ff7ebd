// How the positions of an encoder look at each other: each at all, or at its neighbours and a few global ones. Knows no model.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { InputProjectionParameters } from '../nn/head-projections.js';
import type { LongformerMasks } from '../nn/longformer-self-attention.js';
import type { SelfAttentionOptions, SelfAttentionParameters } from '../nn/self-attention.js';
import { invariant } from '../core/errors.js';
import { and, equal } from '../engine/ops/comparison.js';
import { range } from '../engine/ops/constant.js';
import { broadcastTo } from '../engine/ops/layout.js';
import { slice } from '../engine/ops/slicing.js';
import { where } from '../engine/ops/where.js';
import { LongformerSelfAttention } from '../nn/longformer-self-attention.js';
import { SelfAttention } from '../nn/self-attention.js';

export const encoderAttentionSchema = z
  .discriminatedUnion('kind', [
    /** Every position sees every other: cost grows with the square of the length. */
    z.strictObject({ kind: z.literal('full') }),
    /** Cost grows with the length (Beltagy et al. 2020). */
    z.strictObject({
      kind: z.literal('longformer'),
      /** Neighbours that a position sees, half of them on each side. Even. */
      window: z.int().positive(),
      /** First tokens that see all and are seen by all. Of a pair of texts only the first one's are global. */
      globalTokens: z.int().min(0).default(1),
    }),
  ])
  .default({ kind: 'full' });

export type EncoderAttention = z.output<typeof encoderAttentionSchema>;

export interface BlockAttentionParameters<T> extends SelfAttentionParameters<T> {
  /** Longformer: projections with which global positions look at all others. */
  readonly global?: InputProjectionParameters<T>;
}

/** The attention that a configuration asks for. */
export class BlockAttention {
  private readonly layer: SelfAttention | LongformerSelfAttention;

  /** @throws {ConfigError} when heads do not divide the width, or the window is odd */
  constructor(attention: EncoderAttention, options: SelfAttentionOptions) {
    this.layer =
      attention.kind === 'full'
        ? new SelfAttention(options)
        : new LongformerSelfAttention({ ...options, window: attention.window });
  }

  init(random: Random): BlockAttentionParameters<TensorData> {
    return this.layer.init(random);
  }

  /**
   * @param x [batch, time, width]
   * @returns [batch, time, width]; what stands at padding means nothing
   */
  apply(parameters: BlockAttentionParameters<Tensor>, x: Tensor, masks: LongformerMasks): Tensor {
    if (this.layer instanceof SelfAttention) return this.layer.apply(parameters, x, masks.mask);
    const { global } = parameters;
    invariant(global !== undefined, 'A Longformer has projections of global positions.');
    return this.layer.apply({ ...parameters, global }, x, masks);
  }
}

/**
 * Where the global tokens of sequences stand: at their beginning, where there is a token of the first segment.
 * @param mask bool [batch, time], true where there is a token
 * @param segments int32 [batch, time]
 * @returns int32 [batch, count], -1 where there is none; `undefined` when none is global
 */
export function leadingGlobals(
  attention: EncoderAttention,
  [batch = 0, time = 0]: readonly number[],
  mask?: Tensor,
  segments?: Tensor,
): Tensor | undefined {
  const count = attention.kind === 'full' ? 0 : Math.min(attention.globalTokens, time);
  if (count === 0) return undefined;
  const leading = (x: Tensor): Tensor => slice(x, 1, 0, count);
  const conditions = [...(mask ? [leading(mask)] : []), ...(segments ? [equal(leading(segments), 0)] : [])];
  const places = broadcastTo(range(count), [batch, count]);
  if (conditions.length === 0) return places;
  return where(
    conditions.reduce((a, b) => and(a, b)),
    places,
    -1,
  );
}
