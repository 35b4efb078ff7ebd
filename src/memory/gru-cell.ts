// The cell of the GRU, with the reset gate behind the product. Knows nothing of sequences.
import type { Cell } from './recurrent-cell.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { sigmoid, tanh } from '../engine/ops/unary.js';
import { gateProducts } from './recurrent-cell.js';

const gates = ['reset', 'update', 'fresh'] as const;

/** r = sigmoid(..), z = sigmoid(..), n = tanh(x Wn + b + r (h Un + c)), h' = (1 - z) n + z h. Source: Cho et al. 2014. */
export const gruCell: Cell<(typeof gates)[number]> = {
  kind: 'gru',
  gates,
  hasCell: false,
  bind: ({ inputWeight, hiddenWeight, inputBias, hiddenBias }) => ({
    fromInput: (x) => gateProducts(x, inputWeight, inputBias, gates),
    step(fromInput, { hidden }) {
      const fromHidden = gateProducts(hidden, hiddenWeight, hiddenBias, gates);
      const reset = sigmoid(add(fromInput.reset, fromHidden.reset));
      const update = sigmoid(add(fromInput.update, fromHidden.update));
      const fresh = tanh(add(fromInput.fresh, mul(reset, fromHidden.fresh)));
      return { state: { hidden: add(fresh, mul(update, sub(hidden, fresh))) }, shown: { reset, update } };
    },
  }),
};
