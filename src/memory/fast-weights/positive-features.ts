// Features of keys and queries that are always above 0.
import type { Tensor } from '../../engine/graph.js';
import { add, minimum } from '../../engine/ops/arithmetic.js';
import { exp, relu } from '../../engine/ops/unary.js';

/** elu(x) + 1. Source: Katharopoulos et al. 2020, "Transformers are RNNs", equation 7. */
export function positiveFeatures(x: Tensor): Tensor {
  return add(relu(x), exp(minimum(x, 0)));
}
