// Reads a WordPiece tokenizer from the parts of its `tokenizer.json`. Knows nothing of other kinds.
import { z } from 'zod';
import { checkFile, readAddedTokens, type TokenizerFile, vocabularySchema } from './tokenizer-file.js';
import { WordPieceTokenizer } from './word-piece.js';

const modelSchema = z.object({
  vocab: vocabularySchema,
  unk_token: z.string().default('[UNK]'),
  continuing_subword_prefix: z.string().default('##'),
});

const normalizerSchema = z
  .object({
    type: z.literal('BertNormalizer'),
    clean_text: z.boolean().default(true),
    handle_chinese_chars: z.boolean().default(true),
    strip_accents: z.boolean().nullish(),
    lowercase: z.boolean().default(true),
  })
  .transform(({ clean_text, handle_chinese_chars, strip_accents, lowercase }) => ({
    cleanText: clean_text,
    splitChinese: handle_chinese_chars,
    stripAccents: strip_accents ?? lowercase,
    lowercase,
  }));

/** `undefined` when the file asks for other words than BERT's, or is of another kind. */
export function readWordPiece(file: TokenizerFile): WordPieceTokenizer | undefined {
  const { model, normalizer, pre_tokenizer, decoder, post_processor } = file;
  const normalization = normalizerSchema.safeParse(normalizer).data;
  const ours =
    model.type === 'WordPiece' &&
    pre_tokenizer?.type === 'BertPreTokenizer' &&
    (model['max_input_chars_per_word'] ?? 100) === 100 &&
    (decoder === null || decoder.type === 'WordPiece');
  if (!ours || normalization === undefined) return undefined;
  const { vocab, unk_token, continuing_subword_prefix } = checkFile(modelSchema, model, 'model');
  return new WordPieceTokenizer({
    vocabulary: vocab,
    addedTokens: readAddedTokens(file, vocab),
    unknownToken: unk_token,
    prefix: continuing_subword_prefix,
    normalization,
    postProcessor: post_processor,
  });
}
