// The public names of train: the trainer, its step, the evaluator. Knows no particular model.
export type { Evaluation, EvaluationOptions, EvaluatorOptions } from './evaluator.js';
export { Evaluator, firstBatches } from './evaluator.js';
export type {
  ExampleTrainingChoices,
  ExampleTrainingInput,
  ExampleTrainingSettings,
} from './example-settings.js';
export { exampleSettingsFor, exampleTrainingSchema } from './example-settings.js';
export type { ExampleTrainingOutcome, ExampleTrainOptions } from './example-trainer.js';
export { trainOnExamples } from './example-trainer.js';
export type { ExampleModel, Examples, Validation } from './examples.js';
export { startFrom } from './examples.js';
export type { ExampleTrainingEvent, StepEvent, TrainingEvent } from './events.js';
export type { LoopOutcome, StopReason } from './loop.js';
export type { BestOfOptions, FitEnd, FitEpoch, FitOptions, Learner } from './row-fitting.js';
export { bestOf, Fitting } from './row-fitting.js';
export type { Named, RowTable } from './row-table.js';
export { int32Rows, rowCount, takeRows } from './row-table.js';
export type { RowModel, RowRun, RowTrainerOptions } from './row-trainer.js';
export { once, RowTrainer } from './row-trainer.js';
export type { TrainingChoices, TrainingSettings, TrainingSettingsInput } from './settings.js';
export { settingsFor, trainingSchema } from './settings.js';
export type { Loss, LossOptions, Trainable } from './trainable.js';
export type { TrainingOutcome, TrainOptions } from './trainer.js';
export { requireCarriable } from './reach.js';
export { train } from './trainer.js';
export { evaluationOf } from './training-device.js';
export type { StepInputs, TrainingTrees } from './loss-and-gradient.js';
export type { StepOutputs } from './training-step.js';
export { initialOptimizerState } from './move.js';
export { buildTrainingSteps, stepInputs, TrainingSteps } from './training-step.js';
