// Scaling of updates: by a constant, by a schedule, by a learning rate.
import type { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import type { Schedule } from './schedule.js';
import type { GradientTransformation } from './transformation.js';
import { mapLeaves } from '../core/tree.js';
import { add } from '../engine/ops/arithmetic.js';
import { neg } from '../engine/ops/unary.js';
import { stateless, stepZero } from './transformation.js';

/** Multiplies updates by a constant. */
export function scale(factor: number): GradientTransformation {
  return stateless((updates) => mapLeaves(updates, (update) => update.scaledBy(factor)));
}

type ScheduleState<T> = {
  /** Steps done, int32 scalar. */
  readonly step: T;
};

/** Multiplies updates by what a schedule says for the step, counted from 0. */
export function scaleBySchedule(schedule: Schedule): GradientTransformation<ScheduleState<Tensor>> {
  return {
    init: (): ScheduleState<TensorData> => ({ step: stepZero() }),
    update(updates, { step }) {
      const factor = schedule(step);
      return {
        updates: mapLeaves(updates, (update) => update.scaledBy(factor)),
        state: { step: add(step, 1) },
      };
    },
  };
}

/** A constant, or one rate for each step. */
export type LearningRate = number | Schedule;

/** Turns a direction of ascent into a step of descent: multiplies it by -learningRate. The last link of an optimizer. */
export function scaleByLearningRate(learningRate: LearningRate): GradientTransformation {
  if (typeof learningRate === 'number') return scale(-learningRate);
  return scaleBySchedule((step) => neg(learningRate(step)));
}
