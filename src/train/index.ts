// The public names of train: the trainer, its step, the evaluator. Knows no particular model.
export type { Evaluation, EvaluationOptions, EvaluatorOptions } from './evaluator.js';
export { Evaluator, firstBatches } from './evaluator.js';
export type { StepEvent, TrainingEvent } from './events.js';
export type { TrainingChoices, TrainingSettings, TrainingSettingsInput } from './settings.js';
export { settingsFor, trainingSchema } from './settings.js';
export type { Loss, LossOptions, Trainable } from './trainable.js';
export type { StopReason, TrainingOutcome, TrainOptions } from './trainer.js';
export { requireCarriable, train } from './trainer.js';
export { evaluationOf } from './training-device.js';
export type { StepInputs, StepOutputs, TrainingTrees } from './training-step.js';
export { buildTrainingSteps, initialOptimizerState, stepInputs, TrainingSteps } from './training-step.js';
