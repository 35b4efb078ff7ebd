// The public names of text/.
export type { ChatTemplate } from './chat-template.js';
export { chatTemplateSchema, parseChatTemplate, transcriptTemplate, writeChat } from './chat-template.js';
export { type BpeTrainingOptions, trainBpe } from './bpe-training.js';
export type { BertNormalization } from './bert-normalizer.js';
export { ByteLevelBpeTokenizer } from './bpe.js';
export { CharacterTokenizer, type CharacterTrainingOptions, trainCharacterTokenizer } from './character.js';
export {
  type ChunkLabels,
  type ChunkPlace,
  type ChunkProbabilities,
  type ChunkSpans,
  type LabelledSpan,
  mergeLabels,
  mergeSpans,
  poolProbabilities,
  type Pooling,
  type ScoredSpan,
  sourceSpan,
} from './chunk-merge.js';
export { type Chunk, type ChunkOptions, chunkText, streamChunks } from './chunks.js';
export { HuggingFaceTokenizer } from './hugging-face.js';
export { type Encoding, encodeWithOffsets } from './offsets.js';
export { GPT2_PATTERN } from './pre-tokenizer.js';
export { streamSentences } from './sentence-stream.js';
export { paragraphSpans, type SentenceOptions, sentenceSpans } from './sentences.js';
export type { Span, SpanOfText } from './span.js';
export { tokenizerFromJSON } from './tokenizer-json.js';
export type { StreamDecoder, Tokenizer } from './tokenizer.js';
export type { TextPieces, TokenizerTrainingOptions, TokenizerTrainingProgress } from './training.js';
export { trainUnigram, type UnigramTrainingOptions } from './unigram-training.js';
export { UnigramTokenizer } from './unigram.js';
export { trainWordTokenizer, type WordTrainingOptions } from './word-training.js';
export { WordTokenizer } from './word.js';
export { bertSpecialTokens, trainWordPiece, type WordPieceTrainingOptions } from './word-piece-training.js';
export { WordPieceTokenizer } from './word-piece.js';
export { behindWords, wordStarts } from './word-starts.js';
