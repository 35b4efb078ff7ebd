// The public names of models. Knows nothing of training.
export type {
  DynamicMemoryNetworkConfig,
  DynamicMemoryNetworkConfigInput,
  DynamicMemoryNetworkPlusConfig,
  DynamicMemoryNetworkPlusConfigInput,
} from './dynamic-memory-network/config.js';
export type { DynamicMemoryNetworkParameters } from './dynamic-memory-network.js';
export { DynamicMemoryNetwork } from './dynamic-memory-network.js';
export type { DynamicMemoryNetworkPlusParameters } from './dynamic-memory-network-plus.js';
export { DynamicMemoryNetworkPlus } from './dynamic-memory-network-plus.js';
export type {
  EndToEndMemoryNetworkConfig,
  EndToEndMemoryNetworkConfigInput,
} from './end-to-end-memory-network-config.js';
export type { EndToEndMemoryNetworkParameters, EndToEndReadOptions } from './end-to-end-memory-network.js';
export { EndToEndMemoryNetwork } from './end-to-end-memory-network.js';
export { Encoder, type EncoderParameters, type EncoderReadOptions } from './encoder.js';
export { parseEncoderConfig, type EncoderConfig, type EncoderConfigInput } from './encoder-config.js';
export type { EncodedSource, EncoderDecoderParameters, EncoderDecoderState } from './encoder-decoder.js';
export { EncoderDecoder } from './encoder-decoder.js';
export type { EncoderDecoderConfig, EncoderDecoderConfigInput } from './encoder-decoder-config.js';
export type { LanguageModelConfig, LanguageModelConfigInput } from './language-model-config.js';
export { parseLanguageModelConfig } from './language-model-config.js';
export type { LanguageModelParameters, LanguageModelReading, LanguageModelState } from './language-model.js';
export { LanguageModel } from './language-model.js';
export {
  MaskedLanguageModel,
  type MaskedLanguageModelParameters,
  type MaskedSequences,
} from './masked-language-model.js';
export type {
  RecurrentEncoderDecoderConfig,
  RecurrentEncoderDecoderConfigInput,
  RecurrentEncoderDecoderParameters,
} from './recurrent-encoder-decoder.js';
export { RecurrentEncoderDecoder } from './recurrent-encoder-decoder.js';
export type {
  SequencePairs,
  SequenceToSequence,
  SourceTokens,
  WritingReading,
} from './sequence-to-sequence.js';
export type {
  SequenceClassifierConfig,
  SequenceClassifierConfigInput,
  SequenceClassifierParameters,
} from './sequence-classifier.js';
export { SequenceClassifier } from './sequence-classifier.js';
export type { StoryBatch, StoryModel, StoryReading, StoryReadOptions } from './story-model.js';
export type { Reader, ReaderConfig, ReaderInput } from './reader.js';
export { createReader } from './reader.js';
export type {
  TextBatch,
  TextClassifierConfig,
  TextClassifierConfigInput,
  TextClassifierParameters,
} from './text-classifier.js';
export { TextClassifier } from './text-classifier.js';
export type { TokenLabellerConfig, TokenLabellerParameters } from './token-labeller.js';
export { TokenLabeller } from './token-labeller.js';
