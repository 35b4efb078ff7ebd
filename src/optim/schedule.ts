// Learning rates over time. A schedule is a formula over symbolic tensors, so that it is part of the compiled step.
import type { Tensor } from '../engine/graph.js';
import { ConfigError } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import { add, div, maximum, minimum, mul, pow, sub } from '../engine/ops/arithmetic.js';
import { less } from '../engine/ops/comparison.js';
import { cast } from '../engine/ops/cast.js';
import { full } from '../engine/ops/constant.js';
import { cos } from '../engine/ops/unary.js';
import { where } from '../engine/ops/where.js';
import { evaluate } from '../engine/runtime/reference.js';
import { int32, trace } from '../engine/trace.js';

/** The rate for a step: from an int32 scalar, the number of steps already done, to a float32 scalar. */
export type Schedule = (step: Tensor) => Tensor;

export interface DecayingScheduleOptions {
  /** The highest rate, reached when the warm-up is over. */
  readonly peak: number;
  /** The rate from `totalSteps` on. Default: 0. */
  readonly minimum?: number;
  /** Steps in which the rate grows linearly. Default: 0. */
  readonly warmUpSteps?: number;
  /** Steps in all, the warm-up included. */
  readonly totalSteps: number;
}

/** The same rate at every step. */
export function constantSchedule(peak: number): Schedule {
  return () => full(peak);
}

/**
 * peak (step + 1) / (warmUpSteps + 1) while warming up; then, with `done` growing from 0 to 1 until `totalSteps`,
 * minimum + (peak - minimum) remaining(done).
 */
function warmUpThen(options: DecayingScheduleOptions, remaining: (done: Tensor) => Tensor): Schedule {
  const { peak, minimum: lowest = 0, warmUpSteps = 0, totalSteps } = options;
  if (!(warmUpSteps >= 0 && warmUpSteps < totalSteps)) {
    throw new ConfigError(
      `A schedule got ${warmUpSteps} steps of warm-up and ${totalSteps} in all: the warm-up must be shorter than the whole.`,
      { fields: { warmUpSteps, totalSteps } },
    );
  }
  return (step) => {
    const now = cast(step, 'float32');
    const rising = mul(add(now, 1), peak / (warmUpSteps + 1));
    const done = minimum(div(sub(now, warmUpSteps), totalSteps - warmUpSteps), 1);
    const falling = add(mul(remaining(done), peak - lowest), lowest);
    return where(less(now, warmUpSteps), rising, falling);
  };
}

/** Linear warm-up, then a straight line down to the minimum. */
export function linearSchedule(options: DecayingScheduleOptions): Schedule {
  return warmUpThen(options, (done) => sub(1, done));
}

/** Linear warm-up, then half a cosine down to the minimum. Source: Loshchilov and Hutter 2017, equation 5, without restarts. */
export function cosineSchedule(options: DecayingScheduleOptions): Schedule {
  return warmUpThen(options, (done) => mul(add(cos(mul(done, Math.PI)), 1), 0.5));
}

export interface EpochDecayOptions {
  /** The rate of the first epochs. */
  readonly peak: number;
  /** The rate never falls below it. Default: 0. */
  readonly minimum?: number;
  /** What each later epoch multiplies the rate by, in (0, 1]. */
  readonly factor: number;
  /** Epochs with the highest rate. */
  readonly after: number;
  /** Optimizer steps of an epoch; need not be whole. */
  readonly stepsPerEpoch: number;
}

/**
 * peak * factor^n, n = max(0, epochs completed + 1 - after): constant for `after` epochs, then a step down with each.
 * Source: Zaremba et al. 2014, section 4.1.
 */
export function epochDecaySchedule(options: EpochDecayOptions): Schedule {
  const { peak, minimum: lowest = 0, factor, after, stepsPerEpoch } = options;
  return (step) => {
    const epoch = cast(cast(div(cast(step, 'float32'), stepsPerEpoch), 'int32'), 'float32');
    const times = maximum(add(epoch, 1 - after), 0);
    return maximum(mul(pow(full(factor), times), peak), lowest);
  };
}

/** The rate for a step, computed on the host from the same formula: for display and for tests. */
export function rateAt(schedule: Schedule, step: number): number {
  const { graph } = trace(schedule, int32());
  const [rate] = evaluate(graph, [new TensorData('int32', [], Int32Array.of(step))]);
  return rate?.data[0] ?? Number.NaN;
}
