// Long short-term memory: a cell that gates keep, write and read, so that what it holds can last.
import { z } from 'zod';
import type { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Cell, CellParameters } from './recurrent-cell.js';
import type { RecurrentOptions, RecurrentParameters } from './recurrent.js';
import { invariant } from '../core/errors.js';
import { add, mul } from '../engine/ops/arithmetic.js';
import { sigmoid, tanh } from '../engine/ops/unary.js';
import { defineMemory } from './memory-kind.js';
import { gateProducts, plus } from './recurrent-cell.js';
import { Recurrent, recurrentFields, recurrentOptions } from './recurrent.js';

export interface LstmOptions extends RecurrentOptions {
  /**
   * Added to the first bias of the forget gate, so that a new cell forgets little. Default: 1 (Gers et al. 2000,
   * Jozefowicz et al. 2015); PyTorch has 0.
   */
  readonly forgetBias?: number;
}

const gates = ['input', 'forget', 'candidate', 'output'] as const;

const lstmCell: Cell<(typeof gates)[number]> = {
  kind: 'lstm',
  gates,
  hasCell: true,
  bind: ({ inputWeight, hiddenWeight, inputBias, hiddenBias }) => ({
    fromInput: (x) => gateProducts(x, inputWeight, plus(inputBias, hiddenBias), gates),
    step(fromInput, { hidden, cell }) {
      invariant(cell !== undefined, 'The state of an LSTM has a cell.');
      const fromHidden = gateProducts(hidden, hiddenWeight, undefined, gates);
      const input = sigmoid(add(fromInput.input, fromHidden.input));
      const forget = sigmoid(add(fromInput.forget, fromHidden.forget));
      const candidate = tanh(add(fromInput.candidate, fromHidden.candidate));
      const output = sigmoid(add(fromInput.output, fromHidden.output));
      const next = add(mul(forget, cell), mul(input, candidate));
      return { state: { hidden: mul(output, tanh(next)), cell: next }, shown: { input, forget, output } };
    },
  }),
};

/**
 * i, f, o = sigmoid(x W + b + h U + c) and g = tanh(x W + b + h U + c), each with columns of its own; c' = f c + i g;
 * h' = o tanh(c'). Gates: input, forget, candidate, output, as in PyTorch. No peepholes.
 * Source: Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000.
 */
export class Lstm extends Recurrent {
  readonly forgetBias: number;

  constructor({ forgetBias = 1, ...options }: LstmOptions) {
    super(lstmCell, options);
    this.forgetBias = forgetBias;
  }

  override init(random: Random): RecurrentParameters<TensorData> {
    const parameters = super.init(random);
    for (const { inputBias } of parameters.layers) this.raiseForgetBias(inputBias);
    return parameters;
  }

  private raiseForgetBias(bias: CellParameters<TensorData>['inputBias']): void {
    if (bias === undefined) return;
    const first = gates.indexOf('forget') * this.width;
    bias.data.set(
      bias.data.slice(first, first + this.width).map((value) => Number(value) + this.forgetBias),
      first,
    );
  }
}

export const lstmKind = defineMemory({
  kind: 'lstm',
  options: z.strictObject({ ...recurrentFields, forgetBias: z.number().default(1) }),
  create: (shared, own) => new Lstm(recurrentOptions(shared, own)),
});
