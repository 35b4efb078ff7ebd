// The recipe of question answering, as plain data checked by a schema. Knows nothing of rows.
import { z } from 'zod';
import { parseConfig } from '../../core/parse-config.js';
import { partialEncoderSchema } from '../../models/encoder-config.js';
import { exampleTrainingSchema } from '../../train/index.js';
import { tokenizerSchema } from '../language-model/recipe.js';

const size = z.int().positive();

const schema = z.strictObject({
  tokenizer: tokenizerSchema.default({
    kind: 'word-piece',
    vocabularySize: 8000,
    minimumFrequency: 2,
    lowercase: true,
    specialTokens: [],
  }),
  model: z.strictObject({
    /** What reads question and context, without its `vocabularySize`. With a base: that of the base. */
    encoder: partialEncoderSchema,
    /** Tokens of a question that are read. */
    questionLength: size.default(32),
    /** Tokens that neighbouring chunks of a long context share at most. */
    overlap: z.int().nonnegative().default(32),
    /** Tokens of an answer at most. */
    answerLength: size.default(30),
  }),
  training: exampleTrainingSchema,
});

export type AnswerRecipe = z.output<typeof schema>;

/** @throws {ConfigError} that names each wrong key, with the nearest known one */
export function parseAnswerRecipe(input: unknown): AnswerRecipe {
  return parseConfig(schema, input, 'Configuration');
}

const training = {
  batchSize: 16,
  schedule: 'linear',
  beta2: 0.98,
  weightDecay: 0.01,
  patience: 4,
} as const;

export const answerPresets = {
  /** Minutes on two cores, for thousands of questions. */
  general: {
    model: { encoder: { width: 192, layers: 4, heads: 4, maxLength: 256, dropout: 0.1 } },
    training: { ...training, epochs: 10, learningRate: 5e-4, warmUpSteps: 100 },
  },
  /** Contexts of thousands of tokens at once, at a cost that grows with their length; the tokens of the question see all. */
  long: {
    model: {
      encoder: {
        width: 192,
        layers: 4,
        heads: 4,
        maxLength: 4096,
        dropout: 0.1,
        attention: { kind: 'longformer', window: 128, globalTokens: 34 },
      },
    },
    training: { ...training, epochs: 10, batchSize: 2, learningRate: 5e-4, warmUpSteps: 100 },
  },
  /** Seconds: for trying things out and for tests. */
  tiny: {
    model: {
      encoder: { width: 32, layers: 2, heads: 2, maxLength: 64 },
      questionLength: 16,
      overlap: 8,
      answerLength: 8,
    },
    training: { ...training, epochs: 10, learningRate: 3e-3, warmUpSteps: 10 },
  },
} as const;
