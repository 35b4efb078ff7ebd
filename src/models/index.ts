// The public names of models. Knows nothing of training.
export type { LanguageModelConfig, LanguageModelConfigInput } from './language-model-config.js';
export { parseLanguageModelConfig } from './language-model-config.js';
export type { LanguageModelParameters, LanguageModelReading, LanguageModelState } from './language-model.js';
export { LanguageModel } from './language-model.js';
