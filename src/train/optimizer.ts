// The optimizer that settings describe. Knows nothing of models.
import type { GradientTransformation, Schedule } from '../optim/index.js';
import type { TrainingSettings } from './settings.js';
import {
  adamw,
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  constantSchedule,
  cosineSchedule,
  linearSchedule,
  sgd,
} from '../optim/index.js';

/** The learning rate of each step. @throws {ConfigError} when the warm-up is as long as the training */
export function scheduleOf(settings: TrainingSettings): Schedule {
  const { schedule, learningRate: peak, minimumLearningRate: minimum, warmUpSteps, steps } = settings;
  if (schedule === 'constant') return constantSchedule(peak);
  const decaying = { peak, minimum, warmUpSteps, totalSteps: steps };
  return schedule === 'cosine' ? cosineSchedule(decaying) : linearSchedule(decaying);
}

/** Clipping, then the optimizer. @param learningRate see `scheduleOf` */
export function optimizerOf(settings: TrainingSettings, learningRate: Schedule): GradientTransformation {
  const { optimizer, clipNorm, weightDecay, beta1, beta2, momentum } = settings;
  const clip = clipNorm === null ? [] : [clipByGlobalNorm(clipNorm)];
  if (optimizer === 'adamw') return chain(...clip, adamw({ learningRate, weightDecay, beta1, beta2 }));
  return chain(...clip, addDecayedWeights(weightDecay), sgd({ learningRate, momentum }));
}
