// The public names of train: the trainer, its step, the evaluator. Knows no particular model.
export type { Evaluation, EvaluationOptions, EvaluatorOptions } from './evaluator.js';
export { Evaluator, firstBatches } from './evaluator.js';
export type { StepEvent, TrainingEvent } from './events.js';
export type { BestOfOptions, FitEnd, FitEpoch, FitOptions, Learner } from './row-fitting.js';
export { bestOf, Fitting } from './row-fitting.js';
export type { Named, RowTable } from './row-table.js';
export { int32Rows, rowCount, takeRows } from './row-table.js';
export type { RowModel, RowRun, RowTrainerOptions } from './row-trainer.js';
export { RowTrainer } from './row-trainer.js';
export type { TrainingChoices, TrainingSettings, TrainingSettingsInput } from './settings.js';
export { settingsFor, trainingSchema } from './settings.js';
export type { Loss, LossOptions, Trainable } from './trainable.js';
export type { StopReason, TrainingOutcome, TrainOptions } from './trainer.js';
export { requireCarriable, train } from './trainer.js';
export { evaluationOf } from './training-device.js';
export type { StepInputs, StepOutputs, TrainingTrees } from './training-step.js';
export { buildTrainingSteps, initialOptimizerState, stepInputs, TrainingSteps } from './training-step.js';
