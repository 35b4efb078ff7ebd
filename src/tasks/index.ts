// The public names of tasks: what people do with models, from text to text.
export type { Classification, ClassifyOptions, TextToClassify } from './classify/classify.js';
export { Classifier, classify } from './classify/classify.js';
export type { Alert, MonitorOptions } from './classify/monitor.js';
export { Monitor } from './classify/monitor.js';
export type { TaskEvaluationOptions } from './tune/evaluate.js';
export { evaluateTask } from './tune/evaluate.js';
export type { SavedTask } from './tune/load.js';
export { loadTask } from './tune/load.js';
export type { OpenTask, Task } from './tune/task.js';
export type { TaskDataChoice } from './tune/task-data.js';
export { presetOf, taskNamed, taskNames } from './tune/tasks.js';
export type { TuneChoice, TuneEvent, TuneJob } from './tune/tune.js';
export { resumeTuning, tune } from './tune/tune.js';
export type { Surroundings } from './surroundings.js';
export type { EvaluateOptions } from './language-model/evaluate.js';
export { evaluateText, evaluateTokens, evaluateValidation } from './language-model/evaluate.js';
export type { Inspection, View } from './language-model/inspect.js';
export { inspect } from './language-model/inspect.js';
export type { SavedLanguageModel } from './language-model/load.js';
export { loadLanguageModel } from './language-model/load.js';
export type { PreparationEvent } from './language-model/prepare-data.js';
export { presetNamed, presetNames } from './language-model/presets.js';
export type { ReadTextOptions, ReadTextOutcome, ReadTextProgress } from './language-model/read-text.js';
export { readText } from './language-model/read-text.js';
export type { Recipe, RecipeInput } from './language-model/recipe.js';
export { parseRecipe } from './language-model/recipe.js';
export type { TextSession, UnfinishedReading } from './language-model/text-session.js';
export { openSession } from './language-model/text-session.js';
export type { DataChoice, LanguageModelJob } from './language-model/train.js';
export { resumeLanguageModel, trainLanguageModel } from './language-model/train.js';
export { writeOn } from './language-model/write.js';
export type { ExtractiveOptions, ExtractiveSummary } from './summarize/extractive.js';
export { extractiveSummary } from './summarize/extractive.js';
export type { GapSentenceOptions, GapSentences } from './summarize/gap-sentences.js';
export { gapSentences } from './summarize/gap-sentences.js';
export type { CreatedRecallTask, RecallTaskSizes } from './recall/create-recall-task.js';
export { createRecallTask, recallTaskNames } from './recall/create-recall-task.js';
export type {
  RecallMeasurement,
  RecallMeasurementProgress,
  RecallResult,
  RecallRun,
} from './recall/measure-recall.js';
export { measureRecall } from './recall/measure-recall.js';
export type { RecallAccuracy } from './recall/recall-accuracy.js';
export type { RecallContestant } from './recall/recall-model.js';
export type { InspectedAnswer } from './stories/inspect.js';
export { inspectAnswers } from './stories/inspect.js';
export type { StoryReaderName } from './stories/readers.js';
export { storyReaderNames } from './stories/readers.js';
export type { StoryRecipe } from './stories/recipe.js';
export type { StoryEpoch, StoryOutcome, StoryTrainingOptions, TrainedStoryReader } from './stories/train.js';
export { trainOnStories } from './stories/train.js';
export type { WrittenSummary } from './summarize/summarize.js';
export { Summarizer, summarize } from './summarize/summarize.js';
export type { TranslatedSegment, Translation } from './translate/translate.js';
export { translate, Translator } from './translate/translate.js';
export type { DecodingChoices } from './writing/decoding.js';
export type { TextWriter, WriteOptions, WrittenText } from './writing/text-writer.js';
export type { WriteWithRunOptions } from './writing/write-with-run.js';
