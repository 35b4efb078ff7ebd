// Recipes of pre-training: what is learned from plain text, with which tokenizer and model. Plain data. Knows nothing of files.
import { z } from 'zod';
import { parseConfig } from '../../core/parse-config.js';
import { partialEncoderSchema } from '../../models/encoder-config.js';
import { createSequenceToSequence } from '../../models/create-sequence-to-sequence.js';
import { exampleTrainingSchema } from '../../train/index.js';
import { tokenizerSchema } from '../language-model/recipe.js';

const common = {
  /** The last part of the passages validates, unless there is a validation text. */
  validationFraction: z.number().min(0).lt(1).default(0.05),
  training: exampleTrainingSchema,
};

const recipeSchema = z.discriminatedUnion('task', [
  /** An encoder learns to guess hidden tokens (Devlin et al. 2019). */
  z.strictObject({
    task: z.literal('masked-language-model'),
    tokenizer: tokenizerSchema.default(tokenizerSchema.parse({ kind: 'word-piece', vocabularySize: 8000 })),
    model: partialEncoderSchema,
    masking: z
      .strictObject({
        /** Part of the tokens to guess. */
        fraction: z.number().gt(0).lt(1).default(0.15),
        /** Whether all tokens of a word are hidden together; Chinese words are found by a dictionary. */
        wholeWords: z.boolean().default(true),
      })
      .default({ fraction: 0.15, wholeWords: true }),
    ...common,
  }),
  /** An encoder-decoder learns to write the sentences that say most of a passage (Zhang et al. 2020). */
  z.strictObject({
    task: z.literal('gap-sentences'),
    tokenizer: tokenizerSchema.default(tokenizerSchema.parse({ kind: 'unigram', vocabularySize: 8000 })),
    /** An encoder-decoder of any kind, without the size of its vocabulary. */
    model: z.looseObject({
      kind: z.string().default('encoder-decoder'),
      maxLength: z.int().positive().default(128),
    }),
    /** Whether everything is lower-cased before anything else, also by what is tuned on top. */
    lowercase: z.boolean().default(false),
    gaps: z
      .strictObject({
        /** Part of the sentences to hide. */
        ratio: z.number().gt(0).lt(1).default(0.3),
        /** Part of the chosen ones that stay where they are and are to be written all the same: copying is learned too. */
        keep: z.number().min(0).lt(1).default(0),
        /** Tokens at most that are written of the chosen ones, the end included. Default: as many as the model writes. */
        maxTargetTokens: z.int().positive().optional(),
        /** Whether the hidden ones are those that say most, or the first. */
        strategy: z.enum(['principal', 'lead']).default('principal'),
      })
      .prefault({}),
    ...common,
  }),
]);

/** A recipe as a person writes it: a preset, or a configuration file. */
export type PretrainingRecipeInput = z.input<typeof recipeSchema>;
export type PretrainingRecipe = z.output<typeof recipeSchema>;
export type PretrainingTask = PretrainingRecipe['task'];

/**
 * Checks a recipe and makes every choice that was left open.
 * @throws {ConfigError} that names each wrong key, with the nearest known one
 */
export function parsePretrainingRecipe(input: unknown): PretrainingRecipe {
  const recipe = parseConfig(recipeSchema, input, 'Configuration');
  // Whether the choices for the model go together does not depend on the vocabulary: said now, and not after the tokenizer.
  if (recipe.task === 'gap-sentences') createSequenceToSequence({ ...recipe.model, vocabularySize: 1 });
  return recipe;
}
