// The gated recurrent unit: one vector of memory, rewritten a little with every token.
import { z } from 'zod';
import type { RecurrentOptions } from './recurrent.js';
import { gruCell, resetBeforeGruCell } from './gru-cell.js';
import { defineMemory } from './memory-kind.js';
import { recurrentMemory, recurrentMemoryFields } from './projected-recurrent.js';
import { Recurrent } from './recurrent.js';

const cells = { after: gruCell, before: resetBeforeGruCell } as const;

export interface GruOptions extends RecurrentOptions {
  /**
   * Where the reset gate acts: behind the product with the hidden state, as in PyTorch and cuDNN, or before it, as in
   * Cho et al. 2014. Default: `after`.
   */
  readonly reset?: keyof typeof cells;
}

/**
 * r, z = sigmoid(x W + b + h U + c), n = tanh(x Wn + b + r (h Un + c)), h' = (1 - z) n + z h; with the reset gate before the
 * product, n = tanh(x Wn + b + (r h) Un + c). Gates: reset, update, fresh, as in PyTorch.
 * Source: Cho et al. 2014, section 2.3. Layer norm: Ba et al. 2016, supplement, equations 23 to 25.
 *
 * @example
 * const memory = new Gru({ width: 256, layers: 2, dropout: 0.2 });
 * const parameters = memory.init(Random.fromSeed(1));
 */
export class Gru extends Recurrent {
  constructor({ reset = 'after', ...options }: GruOptions) {
    super(cells[reset], options);
  }
}

export const gruKind = defineMemory({
  kind: 'gru',
  options: z.strictObject({ ...recurrentMemoryFields, reset: z.enum(['after', 'before']).default('after') }),
  create: (shared, own) => recurrentMemory(shared, own, (options) => new Gru(options)),
});
