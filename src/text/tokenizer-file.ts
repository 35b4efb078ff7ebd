// The layout of a Hugging Face `tokenizer.json`. Knows nothing of how text is tokenized.
import { z } from 'zod';
import { messageOf, TokenizerError } from '../core/errors.js';
import { type AddedToken, AddedTokens } from './added-tokens.js';

/** A normalizer, pre-tokenizer, model, ...: a `type` and whatever that type needs. */
export const componentSchema = z.looseObject({ type: z.string() });
export type Component = z.infer<typeof componentSchema>;

const addedTokenSchema = z
  .object({
    id: z.int().nonnegative(),
    content: z.string().min(1),
    special: z.boolean().default(false),
    lstrip: z.boolean().default(false),
    rstrip: z.boolean().default(false),
    single_word: z.boolean().default(false),
  })
  .transform(({ lstrip, rstrip, single_word, ...token }): AddedToken => ({
    ...token,
    leftStrip: lstrip,
    rightStrip: rstrip,
    singleWord: single_word,
  }));

const optionalComponent = componentSchema.nullish().transform((component) => component ?? null);

const tokenizerFileSchema = z.object({
  added_tokens: z.array(addedTokenSchema).default([]),
  normalizer: optionalComponent,
  pre_tokenizer: optionalComponent,
  post_processor: optionalComponent,
  decoder: optionalComponent,
  // The oldest files have models without a type.
  model: z.looseObject({ type: z.string().optional() }),
});

/** The parts of a file that every kind of tokenizer has; the model is checked by those who know its kind. */
export type TokenizerFile = z.infer<typeof tokenizerFileSchema> & {
  /** The file as it was, with parts that we do not know. */
  readonly raw: Record<string, unknown>;
};

/** A part of the file in the shape of its schema. @throws {TokenizerError} when a field is missing or of the wrong kind */
export function checkFile<S extends z.ZodType>(schema: S, json: unknown, where: string): z.infer<S> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = [where, ...(issue?.path ?? [])].join('.');
  const problem = `tokenizer.json cannot be used: ${path}: ${issue?.message ?? 'unknown problem'}. Is this the file of a tokenizer, and is it whole?`;
  throw new TokenizerError(problem, { cause: result.error, fields: { path } });
}

/** @param json the text of the file, or what JSON.parse made of it @throws {TokenizerError} when it is not a tokenizer.json */
export function parseTokenizerFile(json: unknown): TokenizerFile {
  let parsed = json;
  if (typeof json === 'string') {
    try {
      parsed = JSON.parse(json);
    } catch (cause) {
      throw new TokenizerError(`tokenizer.json is not JSON (cut off?): ${messageOf(cause)}`, { cause });
    }
  }
  const file = checkFile(tokenizerFileSchema, parsed, 'file');
  return { ...file, raw: parsed as Record<string, unknown> };
}

/** The ids of tokens. By hand and not as a record of the schema library, which drops a token called `__proto__`. */
export const vocabularySchema = z.unknown().transform((vocab, context): ReadonlyMap<string, number> => {
  const entries = typeof vocab === 'object' && vocab !== null ? Object.entries(vocab) : [];
  const wrong = entries.find(([, id]) => !Number.isInteger(id) || id < 0);
  if (entries.length === 0) context.addIssue('expected an object with the id of each token');
  if (wrong) context.addIssue(`the token ${JSON.stringify(wrong[0])} has the id ${JSON.stringify(wrong[1])}`);
  return new Map(entries);
});

/** The added tokens of a file. @throws {TokenizerError} when the vocabulary gives one of them another id */
export function readAddedTokens(file: TokenizerFile, vocabulary: ReadonlyMap<string, number>): AddedTokens {
  for (const { content, id } of file.added_tokens) {
    const other = vocabulary.get(content) ?? id;
    if (other === id) continue;
    const problem = `tokenizer.json gives the added token ${JSON.stringify(content)} the id ${id} and the vocabulary gives it ${other}. Make them equal.`;
    throw new TokenizerError(problem, { fields: { content, id, other } });
  }
  return new AddedTokens(file.added_tokens);
}

/** The parts of a file that differ between tokenizers. */
export interface FileParts {
  readonly addedTokens: readonly AddedToken[];
  readonly normalizer?: unknown;
  readonly preTokenizer?: unknown;
  readonly postProcessor?: unknown;
  readonly decoder: unknown;
  readonly model: unknown;
}

/** The content of a file that the Hugging Face libraries read. */
export function tokenizerFile(parts: FileParts): Record<string, unknown> {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: parts.addedTokens.map(({ id, content, special, leftStrip, rightStrip, singleWord }) => ({
      id,
      content,
      single_word: singleWord ?? false,
      lstrip: leftStrip ?? false,
      rstrip: rightStrip ?? false,
      normalized: false,
      special,
    })),
    normalizer: parts.normalizer ?? null,
    pre_tokenizer: parts.preTokenizer ?? null,
    post_processor: parts.postProcessor ?? null,
    decoder: parts.decoder,
    model: parts.model,
  };
}

/** A BPE model as the file has it. @param merges `left right`, the earliest learned first */
export function bpeModel(
  vocabulary: ReadonlyMap<string, number>,
  merges: readonly string[],
  options: { readonly unknownToken?: string | undefined; readonly ignoreMerges?: boolean } = {},
): Record<string, unknown> {
  return {
    type: 'BPE',
    dropout: null,
    unk_token: options.unknownToken ?? null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: options.ignoreMerges ?? false,
    vocab: Object.fromEntries([...vocabulary].sort(([, a], [, b]) => a - b)),
    merges,
  };
}
