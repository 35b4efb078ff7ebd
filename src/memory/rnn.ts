// The simple recurrent network: one vector of memory, made anew with every token.
import { z } from 'zod';
import type { Tensor } from '../engine/graph.js';
import type { Cell } from './recurrent-cell.js';
import type { RecurrentOptions } from './recurrent.js';
import { add } from '../engine/ops/arithmetic.js';
import { relu, tanh } from '../engine/ops/unary.js';
import { gateProducts, normalized } from './gate-products.js';
import { defineMemory } from './memory-kind.js';
import { recurrentMemory, recurrentMemoryFields } from './projected-recurrent.js';
import { Recurrent } from './recurrent.js';

const activations = { tanh, relu } as const;

export interface RnnOptions extends RecurrentOptions {
  /** Default: `tanh`. */
  readonly activation?: keyof typeof activations;
}

/** No gate decides anything here; there is the new value alone. */
const gates = ['fresh'] as const;

function rnnCell(activate: (x: Tensor) => Tensor): Cell<(typeof gates)[number]> {
  return {
    kind: 'rnn',
    gates,
    hasCell: false,
    norms: { sumNorm: 1 },
    bind(parameters) {
      const { ofInput, ofHidden } = gateProducts(parameters, gates);
      return {
        fromInput: (x) => ({ fresh: ofInput(x, gates) }),
        step({ fresh }, { hidden }) {
          const sum = add(fresh, ofHidden(hidden, gates));
          const next = activate(normalized(sum, parameters.sumNorm));
          return { state: { hidden: next }, shown: {} };
        },
      };
    },
  };
}

/**
 * h' = tanh(x W + b + h U + c), or relu in the place of tanh; the output is h'.
 * Source: Elman 1990, as in PyTorch. Layer norm: Ba et al. 2016, section 3.1, of the sum before the activation.
 *
 * @example
 * const memory = new Rnn({ width: 256, activation: 'relu' });
 * const parameters = memory.init(Random.fromSeed(1));
 */
export class Rnn extends Recurrent {
  constructor({ activation = 'tanh', ...options }: RnnOptions) {
    super(rnnCell(activations[activation]), options);
  }
}

export const rnnKind = defineMemory({
  kind: 'rnn',
  options: z.strictObject({ ...recurrentMemoryFields, activation: z.enum(['tanh', 'relu']).default('tanh') }),
  create: (shared, own) => recurrentMemory(shared, own, (options) => new Rnn(options)),
});
