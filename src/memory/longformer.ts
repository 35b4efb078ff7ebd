// The causal Longformer: attention to the last tokens, and to the first ones through projections of their own.
import { z } from 'zod';
import type { WindowedAttentionOptions } from './windowed-attention.js';
import { defineMemory, groupedHeadsField } from './memory-kind.js';
import { requireCount, windowFor } from './window-length.js';
import { WindowedAttention } from './windowed-attention.js';

export interface LongformerOptions extends WindowedAttentionOptions {
  /** First tokens that all later ones see. Default: 1. */
  readonly globalTokens?: number;
}

/**
 * Local attention to the last `window` tokens, itself counted, joined in one softmax with global attention to the first
 * `globalTokens` tokens. Global attention has queries, keys and values of its own in both directions: a global token is
 * looked for with them by all that follow, and looks with them at the global tokens before it. Reads any number of tokens.
 * Source: Beltagy et al. 2020 (Longformer), section 3.1; causal, so that global tokens are those that all can see, the
 * first. In both directions: nn/longformer-self-attention.ts.
 */
export class Longformer extends WindowedAttention {
  readonly globalTokens: number;

  /** @throws {ConfigError} when the window or the number of global tokens is 0, or heads do not divide */
  constructor({ globalTokens = 1, ...options }: LongformerOptions) {
    const kind = 'longformer';
    const pinned = requireCount(kind, 'globalTokens', globalTokens, 1);
    super(options, { kind, pinned, hasGlobalProjections: true });
    this.globalTokens = globalTokens;
  }
}

export const longformerKind = defineMemory({
  kind: 'longformer',
  options: z.strictObject({
    /** Default: a quarter of the block. */
    window: z.int().positive().optional(),
    globalTokens: z.int().positive().default(1),
    ...groupedHeadsField,
  }),
  groupsHeads: true,
  create: ({ maxLength, ...shared }, { window, globalTokens, keyValueHeads = shared.keyValueHeads }) =>
    new Longformer({
      ...shared,
      globalTokens,
      keyValueHeads,
      window: windowFor('longformer', 'window', window, maxLength),
    }),
});
