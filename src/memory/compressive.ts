// The compressive memory: what falls out of a segment memory is made fewer and kept a while longer.
import { z } from 'zod';
import type { CompressionKind } from './compression.js';
import type { SegmentOptions } from './segment-recurrence.js';
import { Compression, compressionKinds } from './compression.js';
import { defineMemory } from './memory-kind.js';
import { SegmentRecurrence } from './segment-recurrence.js';
import { requireCount, windowFor } from './window-length.js';

export interface CompressiveOptions extends SegmentOptions {
  /** Compressed memories that a segment sees. */
  readonly compressedLength: number;
  /** Memories that become one. Default: 2. */
  readonly rate?: number;
  /** Default: `convolution`. */
  readonly compression?: CompressionKind;
  /** Factor of the auxiliary loss that trains the convolution. Default: 1. */
  readonly auxiliaryWeight?: number;
  /** Whether the convolution has a bias; attention has none. Default: true. */
  readonly bias?: boolean | undefined;
}

/**
 * Transformer-XL's segments (see segment.ts) whose oldest memories are compressed by `rate` instead of dropped: a segment
 * sees `compressedLength` of those before its memory, standing one after another as if each were a token. The convolution
 * learns from the attention-reconstruction loss alone. Source: Rae et al. 2019 (Compressive Transformers).
 */
export class Compressive extends SegmentRecurrence {
  /** @throws {ConfigError} when the rate does not divide segment and memory, or heads do not divide the width */
  constructor({
    compressedLength,
    rate = 2,
    compression = 'convolution',
    auxiliaryWeight = 1,
    bias,
    ...options
  }: CompressiveOptions) {
    const [kind, { width, segmentLength, memoryLength }] = ['compressive', options];
    const own = {
      width,
      kind: compression,
      rate: requireCount(kind, 'rate', rate, 1),
      length: requireCount(kind, 'compressedLength', compressedLength, 1),
      auxiliaryWeight,
      bias,
    };
    super(kind, options, new Compression(own, { segment: segmentLength, memory: memoryLength }));
  }
}

export const compressiveKind = defineMemory({
  kind: 'compressive',
  options: z.strictObject({
    /** Default: a quarter of the block, rounded up to a multiple of the rate. */
    segmentLength: z.int().positive().optional(),
    /** Default: as long as a segment. */
    memoryLength: z.int().positive().optional(),
    /** Default: as many as a segment has tokens. */
    compressedLength: z.int().positive().optional(),
    rate: z.int().positive().default(2),
    compression: z.enum(compressionKinds).default('convolution'),
    auxiliaryWeight: z.number().nonnegative().default(1),
  }),
  create({ maxLength, ...shared }, { segmentLength, memoryLength, compressedLength, ...own }) {
    const length = windowFor('compressive', 'segmentLength', segmentLength, maxLength);
    const segment = segmentLength ?? own.rate * Math.ceil(length / own.rate);
    return new Compressive({
      ...shared,
      ...own,
      segmentLength: segment,
      memoryLength: memoryLength ?? segment,
      compressedLength: compressedLength ?? segment,
    });
  },
});
