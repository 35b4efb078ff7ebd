// The optimizers: transformations of gradients that chain, and schedules. Knows no model and no training loop.
export { adamw, scaleByAdam, type AdamOptions, type AdamwOptions } from './adamw.js';
export { clipByGlobalNorm, globalNorm } from './clip.js';
export { averaged, averageOf, type MovingAverage } from './moving-average.js';
export { scale, scaleByLearningRate, scaleBySchedule, type LearningRate } from './scale.js';
export { layerRule, scaleByLayer, scaleByPath, type PathRule } from './scale-by-path.js';
export {
  constantSchedule,
  cosineSchedule,
  epochDecaySchedule,
  linearSchedule,
  rateAt,
  type DecayingScheduleOptions,
  type EpochDecayOptions,
  type Schedule,
} from './schedule.js';
export { accumulateMomentum, sgd, type SgdOptions } from './sgd.js';
export {
  applyGradients,
  chain,
  type GradientTransformation,
  type Stepped,
  type Transformed,
} from './transformation.js';
export { applyUpdates, Update, updatesFrom } from './update.js';
export { addDecayedWeights, matricesDecay, type DecayRule } from './weight-decay.js';
