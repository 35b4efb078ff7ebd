// The optimizer that settings describe. Knows nothing of models.
import type { GradientTransformation, Schedule } from '../optim/index.js';
import type { OptimizerSettings } from './settings.js';
import {
  adamw,
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  constantSchedule,
  cosineSchedule,
  epochDecaySchedule,
  linearSchedule,
  scaleByLayer,
  sgd,
} from '../optim/index.js';

/** The learning rate of each step. @throws {ConfigError} when the warm-up is as long as the training */
export function scheduleOf(settings: OptimizerSettings): Schedule {
  const { learningRate: peak, minimumLearningRate: minimum, warmUpSteps, steps: totalSteps } = settings;
  const { decayFactor: factor, decayAfterEpochs: after, stepsPerEpoch } = settings;
  switch (settings.schedule) {
    case 'constant':
      return constantSchedule(peak);
    case 'linear':
      return linearSchedule({ peak, minimum, warmUpSteps, totalSteps });
    case 'cosine':
      return cosineSchedule({ peak, minimum, warmUpSteps, totalSteps });
    case 'epoch-decay':
      return epochDecaySchedule({ peak, minimum, factor, after, stepsPerEpoch });
  }
}

/** Clipping, then the optimizer, then what layers have less of its rate. @param learningRate see `scheduleOf` */
export function optimizerOf(settings: OptimizerSettings, learningRate: Schedule): GradientTransformation {
  const { optimizer, clipNorm, weightDecay, beta1, beta2, momentum, layerDecay = 1 } = settings;
  const clip = clipNorm === null ? [] : [clipByGlobalNorm(clipNorm)];
  const byLayer = layerDecay === 1 ? [] : [scaleByLayer(layerDecay)];
  if (optimizer === 'adamw')
    return chain(...clip, adamw({ learningRate, weightDecay, beta1, beta2 }), ...byLayer);
  return chain(...clip, addDecayedWeights(weightDecay), sgd({ learningRate, momentum }), ...byLayer);
}
