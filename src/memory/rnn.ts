// The simple recurrent network: one vector of memory, made anew with every token.
import { z } from 'zod';
import type { Tensor } from '../engine/graph.js';
import type { Cell } from './recurrent-cell.js';
import type { RecurrentOptions } from './recurrent.js';
import { add } from '../engine/ops/arithmetic.js';
import { matmul } from '../engine/ops/matmul.js';
import { relu, tanh } from '../engine/ops/unary.js';
import { defineMemory } from './memory-kind.js';
import { gateProducts, plus } from './recurrent-cell.js';
import { Recurrent, recurrentFields, recurrentOptions } from './recurrent.js';

const activations = { tanh, relu } as const;

export interface RnnOptions extends RecurrentOptions {
  /** Default: `tanh`. */
  readonly activation?: keyof typeof activations;
}

const gates = ['fresh'] as const;

function rnnCell(activate: (x: Tensor) => Tensor): Cell<(typeof gates)[number]> {
  return {
    kind: 'rnn',
    gates,
    hasCell: false,
    bind: ({ inputWeight, hiddenWeight, inputBias, hiddenBias }) => ({
      fromInput: (x) => gateProducts(x, inputWeight, plus(inputBias, hiddenBias), gates),
      step({ fresh }, { hidden }) {
        const next = activate(add(fresh, matmul(hidden, hiddenWeight)));
        return { state: { hidden: next }, shown: {} };
      },
    }),
  };
}

/**
 * h' = tanh(x W + b + h U + c), or relu in the place of tanh. Gate: fresh.
 * Source: Elman 1990, with outputs that are the hidden state itself, as in PyTorch.
 */
export class Rnn extends Recurrent {
  constructor(options: RnnOptions) {
    super(rnnCell(activations[options.activation ?? 'tanh']), options);
  }
}

export const rnnKind = defineMemory({
  kind: 'rnn',
  options: z.strictObject({ ...recurrentFields, activation: z.enum(['tanh', 'relu']).default('tanh') }),
  create: (shared, own) => new Rnn(recurrentOptions(shared, own)),
});
