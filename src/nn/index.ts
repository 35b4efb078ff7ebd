// The layers: linear, embedding, norms, dropout, positions, feed-forward, and the loss. Knows no memory and no model.
export { crossEntropy, type CrossEntropy, type CrossEntropyOptions } from './cross-entropy.js';
export { Dropout, type DropoutOptions } from './dropout.js';
export { Embedding, type EmbeddingOptions, type EmbeddingParameters } from './embedding.js';
export {
  FeedForward,
  SwiGlu,
  type Activation,
  type FeedForwardOptions,
  type FeedForwardParameters,
  type SwiGluOptions,
  type SwiGluParameters,
} from './feed-forward.js';
export { initialize, type Initializer } from './initializers.js';
export { badInput, requireAxes, requireWidth, type Layer } from './layer.js';
export { LayerNorm, type LayerNormOptions, type LayerNormParameters } from './layer-norm.js';
export { Linear, type LinearOptions, type LinearParameters } from './linear.js';
export { Pooling, poolingNames, type PoolingName, type PoolingParameters } from './pooling.js';
export {
  LearnedPositions,
  SinusoidalPositions,
  type LearnedPositionsOptions,
  type LearnedPositionsParameters,
  type SinusoidalPositionsOptions,
} from './positions.js';
export {
  globalPositions,
  LongformerSelfAttention,
  type LongformerMasks,
  type LongformerSelfAttentionOptions,
  type LongformerSelfAttentionParameters,
} from './longformer-self-attention.js';
export { RmsNorm, type RmsNormOptions, type RmsNormParameters } from './rms-norm.js';
export { Rotary, type RotaryConvention, type RotaryOptions } from './rotary.js';
export { scaledDotProductAttention, type AttentionOptions } from './scaled-dot-product-attention.js';
export { encodeSentences, sentenceEncodings, type SentenceEncoding } from './sentence-encoding.js';
