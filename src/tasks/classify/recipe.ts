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

const training = {
  epochs: 5,
  batchSize: 32,
  learningRate: 0.01,
  schedule: 'linear',
  beta2: 0.98,
  weightDecay: 0,
  patience: 4,
} as const;

/** Slower, for what reads tokens. */
const readerTraining = {
  ...training,
  epochs: 8,
  learningRate: 2e-3,
  warmUpSteps: 20,
  weightDecay: 0.01,
} as const;

const nGrams = { naiveBayes: 0.5, featureMinimum: 3, featureDropout: 0.3, labelSmoothing: 0.1 } as const;

export const classifyPresets = {
  /** N-grams alone, from naive Bayes on: seconds to a few minutes on two cores, for short and long texts, English and Chinese. */
  general: { model: { ...nGrams, reader: null }, training },
  /** A bag of the vectors of tokens beside the n-grams. */
  bag: {
    model: { ...nGrams, reader: { kind: 'embedding', width: 64, dropout: 0.3 } },
    training: readerTraining,
  },
  /** Recurrent layers that read in both directions beside the n-grams. */
  recurrent: {
    model: { ...nGrams, reader: { kind: 'bidirectional', width: 64, dropout: 0.3 }, maxLength: 128 },
    training: readerTraining,
  },
  /** A small encoder of BERT's family beside the n-grams. */
  encoder: {
    model: {
      ...nGrams,
      reader: { kind: 'encoder', width: 128, layers: 2, heads: 4, maxLength: 128, dropout: 0.1 },
      maxLength: 128,
    },
    training: { ...readerTraining, learningRate: 5e-4, warmUpSteps: 100 },
  },
  /** On top of a trained run: its own reader beside the n-grams. The default where there is a base. */
  base: {
    model: { ...nGrams, maxLength: 128, dropout: 0.1 },
    training: { ...readerTraining, epochs: 5, learningRate: 1e-3, layerDecay: 0.9 },
  },
} as const;
