// Reads a word tokenizer from the parts of its `tokenizer.json`. Knows nothing of other kinds.
import { z } from 'zod';
import {
  checkFile,
  type Component,
  readAddedTokens,
  type TokenizerFile,
  vocabularySchema,
} from './tokenizer-file.js';
import { WordTokenizer } from './word.js';

const modelSchema = z.object({ vocab: vocabularySchema, unk_token: z.string().nullish() });
const lineBreakSchema = z.object({
  type: z.literal('Replace'),
  pattern: z.object({ String: z.literal('\n') }),
  content: z.string().regex(/^ \S+ $/),
});

/** `undefined` when the file asks for more than words between white space, or is of another kind. */
export function readWord(file: TokenizerFile): WordTokenizer | undefined {
  const endOfLineToken = endOfLine(file.normalizer);
  const words = file.model.type === 'WordLevel' && file.pre_tokenizer?.type === 'WhitespaceSplit';
  if (!words || file.decoder !== null || endOfLineToken === null) return undefined;
  const { vocab, unk_token } = checkFile(modelSchema, file.model, 'model');
  const addedTokens = readAddedTokens(file, vocab);
  return new WordTokenizer({
    vocabulary: vocab,
    addedTokens,
    unknownToken: unk_token ?? undefined,
    endOfLineToken,
  });
}

/** The token of a line break, `undefined` when there is none, `null` when text is changed in another way. */
function endOfLine(normalizer: Component | null): string | undefined | null {
  if (normalizer === null) return undefined;
  return lineBreakSchema.safeParse(normalizer).data?.content.trim() ?? null;
}
