// The loss of a classifier or language model: cross-entropy, with targets that do not count and with label smoothing.
import type { Tensor } from '../engine/graph.js';
import { ConfigError } from '../core/errors.js';
import { formatShape, sameShape } from '../core/shape.js';
import { formatType } from '../engine/graph.js';
import { add, div, maximum, minimum, mul, sub } from '../engine/ops/arithmetic.js';
import { and, equal, greaterOrEqual, less } from '../engine/ops/comparison.js';
import { takeAlongAxis } from '../engine/ops/along-axis.js';
import { crossEntropyRows } from '../engine/ops/cross-entropy.js';
import { reshape } from '../engine/ops/layout.js';
import { rowsOf } from '../engine/ops/matmul.js';
import { mean, sum } from '../engine/ops/reduce.js';
import { where } from '../engine/ops/where.js';
import { badInput } from './layer.js';

export interface CrossEntropyOptions {
  /** Target that does not count. Default: -1. */
  readonly ignoreIndex?: number | undefined;
  /** In [0, 1): how much of the wanted probability is spread evenly over all classes. Default: 0. */
  readonly labelSmoothing?: number;
  /** float32 [...] as the targets: how much each counts, in `loss` and `sum`. Default: all alike. */
  readonly weights?: Tensor | undefined;
}

/** How losses of targets are put together. */
export interface OverTargetsOptions extends Pick<CrossEntropyOptions, 'ignoreIndex' | 'weights'> {
  /** Targets that are classes are below this. */
  readonly classes: number;
}

/** Scalars, float32. `sum` and `count` add up over batches, so that a mean over a whole data set is exact. */
export interface CrossEntropy<T> {
  /** Mean over the targets that count, each by its weight, in nats; 0 when none does. */
  readonly loss: T;
  /** Sum over the targets that count, each times its weight, in nats. */
  readonly sum: T;
  /** How many targets count. */
  readonly count: T;
}

/**
 * -sum(q log softmax(logits)), where q is 1 at the target, or with label smoothing s: 1 - s at the target plus s / classes
 * at every class, the target's included (Szegedy et al. 2016, section 7; the same as in PyTorch).
 *
 * @param logits [..., classes]
 * @param targets int32 [...]. One that is neither a class nor `ignoreIndex` makes the loss NaN, so that nothing is learned from it
 * @throws {ShapeError} when logits and targets do not fit
 * @throws {ConfigError} when the smoothing is no probability below 1
 */
export function crossEntropy(
  logits: Tensor,
  targets: Tensor,
  { ignoreIndex, labelSmoothing = 0, weights }: CrossEntropyOptions = {},
): CrossEntropy<Tensor> {
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new ConfigError(
      `crossEntropy got label smoothing ${labelSmoothing}: it must be at least 0 and below 1.`,
    );
  }
  const classes = requireFit(logits, targets);
  const losses = rowLosses(rowsOf(logits), reshape(targets, [-1]), labelSmoothing);
  return overTargets(losses, targets, { classes, ignoreIndex, weights });
}

/**
 * Losses of single targets, put together: those that do not count are left out, whatever their losses are.
 * @param losses [targets]
 * @param targets int32 of as many elements. One that is neither a class nor `ignoreIndex` makes the loss NaN
 */
export function overTargets(
  losses: Tensor,
  targets: Tensor,
  { classes, ignoreIndex = -1, weights }: OverTargetsOptions,
): CrossEntropy<Tensor> {
  const rows = reshape(targets, [-1]);
  const ignored = equal(rows, ignoreIndex);
  const isClass = and(greaterOrEqual(rows, 0), less(rows, classes));
  const known = where(isClass, losses, Number.NaN);
  const count = sum(where(ignored, 0, 1));
  if (weights === undefined) {
    const total = sum(where(ignored, 0, known));
    return { loss: div(total, maximum(count, 1)), sum: total, count };
  }
  const counting = where(ignored, 0, reshape(weights, [-1]));
  const total = sum(mul(where(ignored, 0, known), counting));
  return { loss: div(total, maximum(sum(counting), smallestWeight)), sum: total, count };
}

/** The loss as the weighted sum divided by the number of targets, so that weights may be negative or add up to nothing. */
export function perTarget({ sum: total, count }: CrossEntropy<Tensor>): CrossEntropy<Tensor> {
  return { loss: div(total, maximum(count, 1)), sum: total, count };
}

/** Keeps batches in which nothing counts from dividing by zero. */
const smallestWeight = 1e-12;

/** How many classes there are. @throws {ShapeError} unless there is one target for each row of logits */
function requireFit(logits: Tensor, targets: Tensor): number {
  const expected = logits.shape.slice(0, -1);
  if (logits.shape.length === 0 || targets.dtype !== 'int32' || !sameShape(targets.shape, expected)) {
    throw badInput(
      'crossEntropy',
      logits,
      `targets are ${formatType(targets)}, they must be int32${formatShape(expected)}`,
    );
  }
  return logits.shape.at(-1) ?? 0;
}

/** Loss of each row, all targets counted: [rows]. */
function rowLosses(logits: Tensor, targets: Tensor, labelSmoothing: number): Tensor {
  const losses = crossEntropyRows(logits, targets);
  return labelSmoothing === 0 ? losses : add(losses, mul(smoothingTerm(logits, targets), labelSmoothing));
}

/**
 * Spreading the wanted probability evenly over all classes changes the loss -log p(target) by the logit of the target less the mean
 * of the logits, since the normalizer is the same for all classes; by so much of that as is spread.
 * @param logits [rows, classes]
 * @param targets int32 [rows]
 * @returns [rows]
 */
export function smoothingTerm(logits: Tensor, targets: Tensor): Tensor {
  const [rows = 0, classes = 1] = logits.shape;
  const existing = minimum(maximum(targets, 0), classes - 1);
  const wanted = reshape(takeAlongAxis(logits, reshape(existing, [rows, 1])), [rows]);
  return sub(wanted, mean(logits, -1));
}
