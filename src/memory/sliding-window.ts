// Attention to the last tokens only, with a cache that never grows; optionally the first tokens stay as attention sinks.
import { z } from 'zod';
import type { WindowedAttentionOptions } from './windowed-attention.js';
import { defineMemory, groupedHeadsField } from './memory-kind.js';
import { requireCount, windowFor } from './window-length.js';
import { WindowedAttention } from './windowed-attention.js';

export interface SlidingWindowOptions extends WindowedAttentionOptions {
  /** First tokens that all later ones see. Default: 0. */
  readonly sinks?: number;
}

/**
 * softmax(q k^T / sqrt(headSize)) v over the last `window` tokens, itself counted, and over the first `sinks` tokens. Reads
 * any number of tokens. Sources: Beltagy et al. 2020, section 3.1, for the window; Xiao et al. 2024 (StreamingLLM) for
 * attention sinks, whose positions are those within the cache.
 */
export class SlidingWindow extends WindowedAttention {
  readonly sinks: number;

  /** @throws {ConfigError} when the window is empty or heads do not divide */
  constructor({ sinks = 0, ...options }: SlidingWindowOptions) {
    const kind = 'sliding-window';
    const pinned = requireCount(kind, 'sinks', sinks, 0);
    super(options, { kind, pinned, hasGlobalProjections: false });
    this.sinks = sinks;
  }
}

export const slidingWindowKind = defineMemory({
  kind: 'sliding-window',
  options: z.strictObject({
    /** Default: a quarter of the block. */
    window: z.int().positive().optional(),
    sinks: z.int().nonnegative().default(0),
    ...groupedHeadsField,
  }),
  groupsHeads: true,
  create: ({ maxLength, ...shared }, { window, sinks, keyValueHeads = shared.keyValueHeads }) =>
    new SlidingWindow({
      ...shared,
      sinks,
      keyValueHeads,
      window: windowFor('sliding-window', 'window', window, maxLength),
    }),
});
