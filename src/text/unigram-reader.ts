// Reads a Unigram tokenizer from the parts of its `tokenizer.json`. Knows nothing of other kinds.
import { z } from 'zod';
import { checkFile, readAddedTokens, type TokenizerFile } from './tokenizer-file.js';
import { UnigramTokenizer } from './unigram.js';

const modelSchema = z.object({
  unk_id: z.int().nonnegative().nullish(),
  vocab: z.array(z.tuple([z.string(), z.number()])).min(1),
  byte_fallback: z.boolean().default(false),
});

const metaspaceSchema = z.object({
  type: z.literal('Metaspace'),
  replacement: z.literal('▁'),
  prepend_scheme: z.literal('always').default('always'),
  add_prefix_space: z.literal(true).default(true),
  split: z.boolean().default(true),
});

const normalizerSchema = z
  .object({ type: z.enum(['NFC', 'NFD', 'NFKC', 'NFKD']) })
  .transform(({ type }) => type)
  .nullable();

/** `undefined` when the file asks for more than normalization and words between spaces, or is of another kind. */
export function readUnigram(file: TokenizerFile): UnigramTokenizer | undefined {
  const { model, normalizer, pre_tokenizer, decoder, post_processor } = file;
  const form = normalizerSchema.safeParse(normalizer);
  const words = metaspaceSchema.safeParse(pre_tokenizer).data;
  const joins = decoder === null || metaspaceSchema.safeParse(decoder).success;
  if (model.type !== 'Unigram' || !form.success || words?.split !== true || !joins) return undefined;
  const { unk_id, vocab, byte_fallback } = checkFile(modelSchema, model, 'model');
  if (byte_fallback) return undefined;
  const ids = new Map(vocab.map(([piece], id) => [piece, id]));
  return new UnigramTokenizer({
    pieces: vocab.map(([piece]) => piece),
    scores: vocab.map(([, score]) => score),
    addedTokens: readAddedTokens(file, ids),
    unknownId: unk_id ?? undefined,
    normalizationForm: form.data,
    postProcessor: post_processor,
  });
}
