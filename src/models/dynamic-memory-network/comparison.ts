// How facts are compared with a question or a memory. Knows nothing of what is done with the comparison.
import type { Tensor } from '../../engine/graph.js';
import { mul, sub } from '../../engine/ops/arithmetic.js';
import { expandDims } from '../../engine/ops/layout.js';
import { abs } from '../../engine/ops/unary.js';

/** What a fact and a vector have in common, and where they differ. */
export interface Comparison {
  /** f * v: [batch, sentences, width] */
  readonly product: Tensor;
  /** |f - v|: [batch, sentences, width] */
  readonly distance: Tensor;
}

/** @param facts [batch, sentences, width] @param vector [batch, width] */
export function compare(facts: Tensor, vector: Tensor): Comparison {
  const everywhere = expandDims(vector, 1);
  return { product: mul(facts, everywhere), distance: abs(sub(facts, everywhere)) };
}
