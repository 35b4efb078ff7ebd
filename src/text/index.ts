// The public names of text/.
export { type BpeTrainingOptions, trainBpe } from './bpe-training.js';
export { ByteLevelBpeTokenizer } from './bpe.js';
export { CharacterTokenizer, type CharacterTrainingOptions, trainCharacterTokenizer } from './character.js';
export { HuggingFaceTokenizer } from './hugging-face.js';
export { GPT2_PATTERN } from './pre-tokenizer.js';
export { tokenizerFromJSON } from './tokenizer-json.js';
export type { StreamDecoder, Tokenizer } from './tokenizer.js';
export type { TextPieces, TokenizerTrainingOptions, TokenizerTrainingProgress } from './training.js';
export { trainWordTokenizer, type WordTrainingOptions } from './word-training.js';
export { WordTokenizer } from './word.js';
