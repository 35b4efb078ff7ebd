// Vectors scaled to length 1.
import type { Tensor } from '../../engine/graph.js';
import { full } from '../../engine/ops/constant.js';
import { rmsNorm } from '../../engine/ops/normalization.js';

/** Keeps a vector of zeros from being divided by zero. */
const epsilon = 1e-6;

/** x / sqrt(sum(x^2) + 1e-6) over the last axis: the RMS norm with another factor. */
export function unitLength(x: Tensor): Tensor {
  const size = x.shape.at(-1) ?? 1;
  return rmsNorm(x, full(size ** -0.5, 'float32', [size]), epsilon / size);
}
