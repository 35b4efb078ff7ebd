// The recurrent cell of attention: a GRU without an update gate, whose place the attention takes. Knows nothing of sequences.
import type { Cell } from './recurrent-cell.js';
import { add, mul } from '../engine/ops/arithmetic.js';
import { sigmoid, tanh } from '../engine/ops/unary.js';
import { gateProducts } from './gate-products.js';

const gates = ['reset', 'fresh'] as const;

/**
 * r = sigmoid(x Wr + b + h Ur + c), proposal = tanh(x Wn + b + r (h Un + c)). Read with `readGated`, where the attention to
 * a token decides how much of the proposal is taken over. Source: Xiong et al. 2016, section 3.3, equations 14 and 15.
 */
export const attentionGruCell: Cell<(typeof gates)[number]> = {
  kind: 'attention-gru',
  gates,
  hasCell: false,
  bind(parameters) {
    const { ofInput, ofHidden } = gateProducts(parameters, gates, ['fresh']);
    return {
      fromInput: (x) => ({ reset: ofInput(x, ['reset']), fresh: ofInput(x, ['fresh']) }),
      step(fromInput, { hidden }) {
        const reset = sigmoid(add(fromInput.reset, ofHidden(hidden, ['reset'])));
        const proposal = tanh(add(fromInput.fresh, mul(reset, ofHidden(hidden, ['fresh']))));
        return { state: { hidden: proposal }, shown: { reset } };
      },
    };
  },
};
