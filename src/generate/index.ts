// The public names of generation.
export type { Decoder, DecoderReading } from './decoder.js';
export type { Detokenizer, FinishReason, GeneratedToken, GenerateOptions, Generation } from './generate.js';
export { collect, generate, samplingStream } from './generate.js';
export { fastestChunk, LoadedDecoder } from './loaded-decoder.js';
export type { SamplingOptions } from './sampling.js';
export { sampleToken, tokenProbabilities } from './sampling.js';
export { GenerationSession } from './session.js';
