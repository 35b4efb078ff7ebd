// The public names of generation.
export type { BeamOptions } from './beam-options.js';
export type { Candidates, Hypothesis, TextRows } from './beam-search.js';
export { beamSearch } from './beam-search.js';
export type { Decoder, DecoderReading } from './decoder.js';
export type { Detokenizer, FinishReason, GeneratedToken, GenerateOptions, Generation } from './generate.js';
export { collect, generate, samplingStream } from './generate.js';
export { fastestChunk, LoadedDecoder } from './loaded-decoder.js';
export { LoadedRows, LoadedWriter } from './loaded-writer.js';
export type { SampleTextsOptions } from './sample-texts.js';
export { sampleTexts } from './sample-texts.js';
export type { SamplingOptions } from './sampling.js';
export { sampleToken, tokenProbabilities } from './sampling.js';
export { GenerationSession } from './session.js';
export type { TokenRules } from './token-rules.js';
export type { Writer, WriterReading, WriterSource } from './writer.js';
export type { WriteTextsOptions, WritingOptions } from './write-texts.js';
export { writeTexts } from './write-texts.js';
