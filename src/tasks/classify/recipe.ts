// The recipe of a classifier, as plain data checked by a schema. Knows nothing of rows.
import { z } from 'zod';
import { parseConfig } from '../../core/parse-config.js';
import { readerSchema } from '../../models/reader.js';
import { poolingNames } from '../../nn/pooling.js';
import { exampleTrainingSchema } from '../../train/index.js';
import { tokenizerSchema } from '../language-model/recipe.js';

const probability = z.number().min(0).max(0.99);

const schema = z.strictObject({
  tokenizer: tokenizerSchema.default({
    kind: 'word-piece',
    vocabularySize: 8000,
    minimumFrequency: 2,
    lowercase: true,
    specialTokens: [],
  }),
  model: z.strictObject({
    /** What reads the tokens, without its `vocabularySize`; `null`: n-grams alone decide. With a base: that of the base. */
    reader: readerSchema.nullable().default({ kind: 'bidirectional' }),
    pooling: z.enum(poolingNames).optional(),
    dropout: probability.default(0.5),
    /** Probability of hiding a token while training. */
    wordDropout: probability.default(0),
    /** N-grams that are looked at, at most; 0: none. */
    features: z.int().nonnegative().default(60_000),
    /** Texts that must have an n-gram for it to be looked at. */
    featureMinimum: z.int().positive().default(2),
    featureDropout: probability.default(0),
    /** How strongly n-grams begin with what naive Bayes says of them; 0: not at all. */
    naiveBayes: z.number().min(0).default(0.3),
    /** Tokens that are read at once; longer texts are cut in training, and read in chunks afterwards. */
    maxLength: z.int().positive().default(256),
    labelSmoothing: z.number().min(0).max(0.99).default(0),
    /** `balanced`: each class counts as much as every other, however rare. */
    classWeights: z.enum(['none', 'balanced']).default('none'),
  }),
  training: exampleTrainingSchema,
});

export type ClassifyRecipe = z.output<typeof schema>;

/** @throws {ConfigError} that names each wrong key, with the nearest known one */
export function parseClassifyRecipe(input: unknown): ClassifyRecipe {
  return parseConfig(schema, input, 'Configuration');
}

/** The default: one recipe for short and long texts, English and Chinese, some thousand rows, minutes on two cores. */
const general = {
  model: {},
  training: {
    epochs: 12,
    batchSize: 32,
    learningRate: 2e-3,
    schedule: 'linear',
    warmUpSteps: 20,
    beta2: 0.98,
    weightDecay: 0.01,
    patience: 4,
  },
} as const;

export const classifyPresets = { general } as const;
