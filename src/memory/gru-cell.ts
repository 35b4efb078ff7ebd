// The cell of the GRU, with the reset gate behind the product or before it. Knows nothing of sequences.
import type { Tensor } from '../engine/graph.js';
import type { Cell } from './recurrent-cell.js';
import { add, mul, sub } from '../engine/ops/arithmetic.js';
import { sigmoid, tanh } from '../engine/ops/unary.js';
import { apart, gateProducts } from './gate-products.js';

const gates = ['reset', 'update', 'fresh'] as const;
type Gate = (typeof gates)[number];
type Group = 'deciding' | 'proposing';

/** Reset and update are one product, and normalized together; the new value is made by itself. */
const deciding = ['reset', 'update'] as const;
const proposing = ['fresh'] as const;

/**
 * r, z = sigmoid(x W + b + h U + c), n = tanh(x Wn + b + proposal), h' = (1 - z) n + z h.
 * @param inside gates whose hidden bias the reset gate acts on
 * @param proposal what the reset gate lets the new value get from the hidden state, given the product with Un
 */
function cell(
  inside: readonly Gate[],
  proposal: (product: (hidden: Tensor) => Tensor, reset: Tensor, hidden: Tensor) => Tensor,
): Cell<Group> {
  return {
    kind: 'gru',
    gates,
    hasCell: false,
    norms: { inputNorm: gates.length, hiddenNorm: gates.length },
    bind(parameters) {
      const { ofInput, ofHidden } = gateProducts(parameters, gates, inside);
      return {
        fromInput: (x) => ({ deciding: ofInput(x, deciding), proposing: ofInput(x, proposing) }),
        step(fromInput, { hidden }) {
          const decisions = sigmoid(add(fromInput.deciding, ofHidden(hidden, deciding)));
          const { reset, update } = apart(decisions, deciding);
          const product = (h: Tensor): Tensor => ofHidden(h, proposing);
          const fresh = tanh(add(fromInput.proposing, proposal(product, reset, hidden)));
          return {
            state: { hidden: add(fresh, mul(update, sub(hidden, fresh))) },
            shown: { reset, update },
          };
        },
      };
    },
  };
}

/** n = tanh(x Wn + b + r (h Un + c)): the reset gate behind the product, as in PyTorch and cuDNN. */
export const gruCell = cell(proposing, (product, reset, hidden) => mul(reset, product(hidden)));

/** n = tanh(x Wn + b + (r h) Un + c): the reset gate before the product. Source: Cho et al. 2014, section 2.3. */
export const resetBeforeGruCell = cell([], (product, reset, hidden) => product(mul(reset, hidden)));
