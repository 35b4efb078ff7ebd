// The recipe of a labeller, as plain data checked by a schema. Knows nothing of rows.
import { z } from 'zod';
import { parseConfig } from '../../core/parse-config.js';
import { readerSchema } from '../../models/reader.js';
import { exampleTrainingSchema } from '../../train/index.js';
import { tokenizerSchema } from '../language-model/recipe.js';

const schema = z.strictObject({
  tokenizer: tokenizerSchema.default({
    kind: 'word-piece',
    vocabularySize: 8000,
    minimumFrequency: 2,
    lowercase: false,
    specialTokens: [],
  }),
  model: z.strictObject({
    /** What reads the tokens, without its `vocabularySize`. With a base: that of the base. */
    reader: readerSchema.default({ kind: 'bidirectional' }),
    dropout: z.number().min(0).max(0.99).default(0.3),
    /** Tokens that are read at once. */
    maxLength: z.int().positive().default(256),
  }),
  training: exampleTrainingSchema,
});

export type LabelRecipe = z.output<typeof schema>;

/** @throws {ConfigError} that names each wrong key, with the nearest known one */
export function parseLabelRecipe(input: unknown): LabelRecipe {
  return parseConfig(schema, input, 'Configuration');
}

export const labelPresets = {
  general: {
    model: { reader: { kind: 'bidirectional', width: 128, dropout: 0.2 } },
    training: {
      epochs: 10,
      batchSize: 16,
      learningRate: 3e-3,
      schedule: 'linear',
      warmUpSteps: 20,
      beta2: 0.98,
      weightDecay: 0.01,
      patience: 4,
    },
  },
} as const;
