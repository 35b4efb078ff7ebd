// The loss of texts that an encoder-decoder writes, each by its weight. Knows no particular model.
import type { Tensor } from '../engine/graph.js';
import type { CrossEntropy } from '../nn/cross-entropy.js';
import type { Pointer } from '../nn/pointer-mixture.js';
import type { SequencePairs } from './sequence-to-sequence.js';
import { broadcastTo, expandDims, reshape } from '../engine/ops/layout.js';
import { rowsOf } from '../engine/ops/matmul.js';
import { crossEntropy, overTargets, perTarget } from '../nn/cross-entropy.js';
import { mixtureLosses } from '../nn/pointer-mixture.js';

/** What a model says of the next token at each place. */
export interface Written {
  /** [batch, time, vocabularySize] */
  readonly logits: Tensor;
  /** Where tokens may be copied from the source. */
  readonly pointer?: Pointer | undefined;
}

/** Cross-entropy of the targets, in nats; its mean is over all targets that count, whatever their weights. */
export function sequenceLoss(
  { logits, pointer }: Written,
  { targets, weights }: Pick<SequencePairs<Tensor>, 'targets' | 'weights'>,
  labelSmoothing: number,
): CrossEntropy<Tensor> {
  const ofTargets = weights && reshape(broadcastTo(expandDims(weights, 1), targets.shape), [-1]);
  const rows = reshape(targets, [-1]);
  if (pointer === undefined)
    return perTarget(crossEntropy(rowsOf(logits), rows, { labelSmoothing, weights: ofTargets }));
  const losses = mixtureLosses(logits, targets, pointer, labelSmoothing);
  return perTarget(overTargets(losses, rows, { classes: logits.shape[2] ?? 0, weights: ofTargets }));
}
