// The recipe of a task that writes: tokenizer, encoder-decoder, what is learned from a pair, and its training. Knows no particular task.
import { z } from 'zod';
import type { JsonObject } from '../../checkpoint/index.js';
import type { TokenizerRecipe } from '../language-model/recipe.js';
import type { TaskRecipe } from '../tune/task.js';
import { parseConfig } from '../../core/parse-config.js';
import { createSequenceToSequence } from '../../models/create-sequence-to-sequence.js';
import { exampleTrainingSchema } from '../../train/index.js';
import { pairSpecialTokens } from './pair-tokens.js';

const size = z.int().positive();

/** Training on a metric, after training on pairs. */
export const rewardSchema = z.strictObject({
  metric: z.enum(['rouge-l', 'bleu']),
  /** Texts that are drawn for each source in a step. */
  samples: size.default(5),
  /** How much more the likely of them count; alpha of Shen et al. 2016. */
  sharpness: z.number().min(0).default(0.005),
  /** Tokens that draws choose from at most. */
  topK: size.default(40),
  temperature: z.number().positive().default(1),
  /** Part of the loss that stays the cross-entropy of the reference, so that texts stay fluent. */
  referenceShare: z.number().min(0).max(1).default(0.2),
});

const pairsSchema = z.strictObject({
  /** Whether both sides are lower-cased before anything else. */
  lowercase: z.boolean().default(false),
  /** Tokens of a source that are learned from, its end included; the rest is cut off. Default: as many as the model reads. */
  maxSourceTokens: size.optional(),
  /** Tokens of a target that are learned from, its end included. Default: as many as the model writes. */
  maxTargetTokens: size.optional(),
  /** How much of the wanted probability is spread evenly over all tokens. */
  labelSmoothing: z.number().min(0).lt(1).default(0.1),
  /** Rows at most that are written to validate, the first of those that validate. */
  validationRows: size.default(400),
  /** Beams of what is written to validate; 1 is greedy. */
  validationBeams: size.default(1),
  /** The metric to learn from in the place of the references' tokens; for a run that goes on from one that learned those. */
  reward: rewardSchema.nullable().default(null),
});

const schema = z.strictObject({
  tokenizer: z.strictObject({
    kind: z.enum(['byte-level-bpe', 'unigram']).default('byte-level-bpe'),
    /** Ids at most, of both sides together. */
    vocabularySize: size.default(10_000),
  }),
  /** An encoder-decoder without the size of its vocabulary, and `pairs`. */
  model: z.looseObject({
    kind: z.string().default('encoder-decoder'),
    maxLength: size.default(128),
    pairs: pairsSchema.prefault({}),
  }),
  training: exampleTrainingSchema,
});

/** How a metric is learned from. */
export type RewardChoices = z.output<typeof rewardSchema>;

/** What is learned from a pair, and how that is validated. */
export type PairChoices = z.output<typeof pairsSchema>;

/** A recipe with every choice made. */
export interface WritingRecipe extends TaskRecipe {
  readonly tokenizer: z.output<typeof schema>['tokenizer'];
  readonly model: JsonObject & { readonly kind: string; readonly pairs: JsonObject & PairChoices };
}

/**
 * Checks a recipe and makes every choice that was left open.
 * @throws {ConfigError} that names each wrong key, with the nearest known one
 */
export function parseWritingRecipe(input: unknown): WritingRecipe {
  const recipe = parseConfig(schema, input, 'Configuration') as unknown as WritingRecipe;
  // Whether the choices for the model go together does not depend on the vocabulary: said now, and not after the tokenizer.
  createSequenceToSequence(modelConfig(recipe, 1));
  return recipe;
}

/** The configuration of the model, for a vocabulary. */
export function modelConfig({ model }: WritingRecipe, vocabularySize: number): JsonObject {
  const { pairs: _, ...own } = model;
  return { ...own, vocabularySize };
}

/** How the tokenizer is learned, the special tokens of pairs among its own. */
export function pairTokenizer({ tokenizer }: WritingRecipe): TokenizerRecipe {
  const specialTokens = [...pairSpecialTokens];
  const { kind, vocabularySize } = tokenizer;
  return kind === 'unigram'
    ? { kind: 'unigram', vocabularySize, characterCoverage: 0.9995, unknownToken: '<unk>', specialTokens }
    : { kind: 'byte-level-bpe', vocabularySize, minimumFrequency: 2, specialTokens };
}

/** How a reward is learned from: gently, for the model can write already. */
export const rewardTraining: JsonObject = {
  batchSize: 16,
  buckets: 4,
  learningRate: 5e-5,
  schedule: 'constant',
  warmUpSteps: 0,
  beta2: 0.98,
  weightDecay: 0,
  epochs: 1,
  evaluateEvery: 100,
};
