// Long short-term memory: a cell that gates keep, write and read, so that what it holds can last.
import { z } from 'zod';
import type { Cell } from './recurrent-cell.js';
import type { RecurrentOptions } from './recurrent.js';
import { ConfigError, invariant } from '../core/errors.js';
import { add, mul } from '../engine/ops/arithmetic.js';
import { sigmoid, tanh } from '../engine/ops/unary.js';
import { apart, gateProducts, normalized } from './gate-products.js';
import { defineMemory } from './memory-kind.js';
import { recurrentMemory, recurrentMemoryFields } from './projected-recurrent.js';
import { Recurrent } from './recurrent.js';

export interface LstmOptions extends RecurrentOptions {
  /**
   * Added to the first bias of the forget gate, so that a new cell forgets little. Default: 1 (Gers et al. 2000,
   * Jozefowicz et al. 2015); PyTorch has 0.
   */
  readonly forgetBias?: number | undefined;
}

const gates = ['input', 'forget', 'candidate', 'output'] as const;

const lstmCell: Cell<'all'> = {
  kind: 'lstm',
  gates,
  hasCell: true,
  norms: { inputNorm: gates.length, hiddenNorm: gates.length, cellNorm: 1 },
  bind(parameters) {
    const { ofInput, ofHidden } = gateProducts(parameters, gates);
    return {
      fromInput: (x) => ({ all: ofInput(x, gates) }),
      step({ all }, { hidden, cell }) {
        invariant(cell !== undefined, 'The state of an LSTM has a cell.');
        const sums = apart(add(all, ofHidden(hidden, gates)), gates);
        const input = sigmoid(sums.input);
        const forget = sigmoid(sums.forget);
        const candidate = tanh(sums.candidate);
        const output = sigmoid(sums.output);
        const next = add(mul(forget, cell), mul(input, candidate));
        return {
          state: { hidden: mul(output, tanh(normalized(next, parameters.cellNorm))), cell: next },
          shown: { input, forget, output },
        };
      },
    };
  },
};

/**
 * i, f, o = sigmoid(x W + b + h U + c) and g = tanh(x W + b + h U + c), each with columns of its own; c' = f c + i g;
 * h' = o tanh(c'). Gates: input i, forget f, candidate g, output o, as in PyTorch. No peepholes.
 * Source: Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000. Layer norm: Ba et al. 2016, supplement,
 * equations 20 to 22.
 *
 * @example
 * const memory = new Lstm({ width: 200, layers: 2, initializer: { uniform: 0.1 }, forgetBias: 0 });
 * const parameters = memory.init(Random.fromSeed(1));
 */
export class Lstm extends Recurrent {
  /** @throws {ConfigError} when a forget bias is asked for where there are no biases */
  constructor({ forgetBias, ...options }: LstmOptions) {
    super(lstmCell, options, { forget: forgetBias ?? 1 });
    if (forgetBias !== undefined && !this.hasBiases) {
      throw new ConfigError(
        `lstm: forgetBias is ${forgetBias}, and bias is false; leave forgetBias out, or let the layer have biases.`,
      );
    }
  }
}

export const lstmKind = defineMemory({
  kind: 'lstm',
  options: z.strictObject({ ...recurrentMemoryFields, forgetBias: z.number().optional() }),
  create: (shared, own) => recurrentMemory(shared, own, (options) => new Lstm(options)),
});
