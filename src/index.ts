// Mneme: language models that remember. The names most programs need; each folder has all of its own at `mneme/<folder>`.
export { files } from './core/files.node.js';
export * from './core/index.js';
export { compile, float32, grad, int32, ReferenceRuntime, trace, valueAndGrad } from './engine/index.js';
export { NodeRuntime } from './engine/runtime/node.js';
export { collect, generate, LoadedDecoder } from './generate/index.js';
export { LanguageModel } from './models/index.js';
export * from './tasks/index.js';
export { openRecords, readRows } from './data/index.js';
export {
  chunkText,
  sentenceSpans,
  tokenizerFromJSON,
  trainBpe,
  trainCharacterTokenizer,
  trainUnigram,
  trainWordPiece,
  trainWordTokenizer,
} from './text/index.js';
export type { TrainingEvent, TrainingOutcome, TrainingSettings } from './train/index.js';
export { train } from './train/index.js';
