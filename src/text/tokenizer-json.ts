// Reads the `tokenizer.json` of Hugging Face: as a tokenizer of ours or through their library. Knows nothing of where the file is.
import { z } from 'zod';
import { TokenizerError } from '../core/errors.js';
import { ByteLevelBpeTokenizer } from './bpe.js';
import { CharacterTokenizer, isCharacter } from './character.js';
import { HuggingFaceTokenizer } from './hugging-face.js';
import type { Merge } from './merge-rules.js';
import { GPT2_PATTERN, PreTokenizer } from './pre-tokenizer.js';
import {
  checkFile,
  type Component,
  componentSchema,
  parseTokenizerFile,
  readAddedTokens,
  type TokenizerFile,
  vocabularySchema,
} from './tokenizer-file.js';
import type { Tokenizer } from './tokenizer.js';
import { readUnigram } from './unigram-reader.js';
import { readWordPiece } from './word-piece-reader.js';
import { readWord } from './word-reader.js';

/**
 * Makes the tokenizer that a `tokenizer.json` describes. Character, word, WordPiece (BERT, ...), Unigram and byte-level BPE files
 * (GPT-2, RoBERTa, Llama 3, Qwen 2, ...) become tokenizers of our own; all others (SentencePiece BPE, ...) run in `@huggingface/tokenizers`.
 *
 * @param json the text of the file, or what JSON.parse made of it
 * @throws {TokenizerError} when the file is malformed or of an unknown kind
 */
export function tokenizerFromJSON(json: unknown): Tokenizer {
  const file = parseTokenizerFile(json);
  for (const read of readers) {
    const tokenizer = read(file);
    if (tokenizer !== undefined) return tokenizer;
  }
  return new HuggingFaceTokenizer(file);
}

/** Each gives `undefined` for a file that is not its own. */
const readers = [readByteLevelBpe, readCharacter, readWord, readWordPiece, readUnigram];

const bpeSchema = z.object({
  vocab: vocabularySchema,
  merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  unk_token: z.string().nullish(),
  ignore_merges: z.boolean().nullish(),
});

/** Whether the model is a BPE without the features that only other tokenizers have. */
function isPlainBpe({ model }: TokenizerFile): boolean {
  const isBpe = model.type === undefined ? 'merges' in model : model.type === 'BPE';
  return (
    isBpe && !model['continuing_subword_prefix'] && !model['end_of_word_suffix'] && !model['byte_fallback']
  );
}

function readByteLevelBpe(file: TokenizerFile): Tokenizer | undefined {
  const patterns = splitPatterns(file.pre_tokenizer);
  const form = normalizationForm(file.normalizer);
  if (!isPlainBpe(file) || file.decoder?.type !== 'ByteLevel' || !patterns || form === null) return undefined;
  const { vocab, merges, ignore_merges } = checkFile(bpeSchema, file.model, 'model');
  return new ByteLevelBpeTokenizer({
    vocabulary: vocab,
    merges: merges.map((merge, i) => readMerge(merge, i, vocab)),
    addedTokens: readAddedTokens(file, vocab),
    preTokenizer: new PreTokenizer(patterns),
    normalizationForm: form,
    ignoreMerges: ignore_merges ?? false,
    postProcessor: file.post_processor,
  });
}

/** A BPE model without merges over single characters. */
function readCharacter(file: TokenizerFile): Tokenizer | undefined {
  const bare = file.pre_tokenizer === null && file.normalizer === null && file.decoder?.type === 'Fuse';
  if (!isPlainBpe(file) || !bare) return undefined;
  const { vocab, merges, unk_token } = checkFile(bpeSchema, file.model, 'model');
  const addedTokens = readAddedTokens(file, vocab);
  const known = (token: string): boolean => isCharacter(token) || addedTokens.ids.has(token);
  if (merges.length > 0 || ![...vocab.keys()].every(known)) return undefined;
  return new CharacterTokenizer({ vocabulary: vocab, addedTokens, unknownToken: unk_token ?? undefined });
}

/** @param merge `left right` or `[left, right]` */
function readMerge(
  merge: string | readonly [string, string],
  index: number,
  vocabulary: ReadonlyMap<string, number>,
): Merge {
  const parts = typeof merge === 'string' ? merge.split(' ') : merge;
  const [left, right] = parts;
  const idOf = (token: string): number => {
    const id = vocabulary.get(token);
    if (id !== undefined) return id;
    const problem = `tokenizer.json: merge ${index}, ${JSON.stringify(merge)}, needs the token ${JSON.stringify(token)}, which the vocabulary lacks.`;
    throw new TokenizerError(problem, { fields: { index, token } });
  };
  if (parts.length === 2 && left && right) {
    return { left: idOf(left), right: idOf(right), merged: idOf(left + right) };
  }
  const problem = `tokenizer.json: merge ${index} is ${JSON.stringify(merge)}, where two tokens were expected.`;
  throw new TokenizerError(problem, { fields: { index } });
}

/** The normalization form, `undefined` when text stays as it is, `null` when it is changed in another way. */
function normalizationForm(normalizer: Component | null): 'NFC' | 'NFD' | 'NFKC' | 'NFKD' | undefined | null {
  if (normalizer === null) return undefined;
  const { type } = normalizer;
  return type === 'NFC' || type === 'NFD' || type === 'NFKC' || type === 'NFKD' ? type : null;
}

/** The patterns of a pre-tokenizer that ends in bytes, or `undefined` when it does something that a pattern cannot say. */
function splitPatterns(preTokenizer: Component | null): string[] | undefined {
  if (preTokenizer === null) return undefined;
  const steps = preTokenizer.type === 'Sequence' ? preTokenizer['pretokenizers'] : [preTokenizer];
  const components = checkFile(z.array(componentSchema), steps, 'pre_tokenizer.pretokenizers');
  if (components.at(-1)?.type !== 'ByteLevel') return undefined;
  const patterns = components.map(patternsOfStep);
  return patterns.every((found) => found !== undefined) ? patterns.flat() : undefined;
}

function patternsOfStep(step: Component): readonly string[] | undefined {
  switch (step.type) {
    case 'ByteLevel':
      if (step['add_prefix_space']) return undefined;
      return step['use_regex'] === false ? [] : [GPT2_PATTERN];
    case 'Digits':
      return [step['individual_digits'] ? '\\p{N}' : '\\p{N}+'];
    case 'Split': {
      const pattern = z.object({ Regex: z.string() }).safeParse(step['pattern']).data;
      return pattern && step['behavior'] === 'Isolated' && !step['invert'] ? [pattern.Regex] : undefined;
    }
    default:
      return undefined;
  }
}
