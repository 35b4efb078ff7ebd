// The public names of tasks: what people do with models, from text to text.
export type { EvaluateOptions } from './language-model/evaluate.js';
export { evaluateText, evaluateTokens, evaluateValidation } from './language-model/evaluate.js';
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
