// A recipe: the tokenizer, the model and its training, as plain data checked by one schema. Knows nothing of files.
import { z } from 'zod';
import type { JsonObject } from '../../checkpoint/index.js';
import type { ChatTemplate } from '../../text/index.js';
import type { TrainingChoices } from '../../train/index.js';
import { parseConfig } from '../../core/parse-config.js';
import { LanguageModel } from '../../models/language-model.js';
import { partialLanguageModelSchema } from '../../models/language-model-config.js';
import { chatTemplateSchema } from '../../text/index.js';
import { trainingSchema } from '../../train/index.js';

const specialTokens = z.array(z.string().min(1));

/** A tokenizer to learn, or one that exists. */
export const tokenizerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('character'),
    specialTokens: specialTokens.default([]),
    /** Stands for characters that the training text lacks. */
    unknownToken: z.string().min(1).optional(),
  }),
  /** Words between white space, as word-level benchmarks (Penn Treebank) have them. */
  z.strictObject({
    kind: z.literal('word'),
    /** The most frequent words, special tokens included; all of them by default. */
    vocabularySize: z.int().positive().optional(),
    minimumFrequency: z.int().positive().default(1),
    unknownToken: z.string().min(1).default('<unk>'),
    /** Stands for a line break; `null` to take line breaks as white space. */
    endOfLineToken: z.string().min(1).nullable().default('<eos>'),
    specialTokens: specialTokens.default([]),
  }),
  z.strictObject({
    kind: z.literal('byte-level-bpe'),
    vocabularySize: z.int().positive(),
    minimumFrequency: z.int().positive().default(2),
    specialTokens: specialTokens.default(['<|endoftext|>']),
  }),
  /** BERT's pieces of words; `[PAD] [UNK] [CLS] [SEP] [MASK]` come before the special tokens named here. */
  z.strictObject({
    kind: z.literal('word-piece'),
    vocabularySize: z.int().positive(),
    minimumFrequency: z.int().positive().default(2),
    /** Whether case and accents are dropped. */
    lowercase: z.boolean().default(true),
    specialTokens: specialTokens.default([]),
  }),
  /** Pieces by a unigram language model, as SentencePiece has them. */
  z.strictObject({
    kind: z.literal('unigram'),
    vocabularySize: z.int().positive(),
    /** Part of the text whose characters become pieces. */
    characterCoverage: z.number().positive().max(1).default(0.9995),
    unknownToken: z.string().min(1).default('<unk>'),
    specialTokens: specialTokens.default(['</s>']),
  }),
  /** A `tokenizer.json` that exists already. */
  z.strictObject({ kind: z.literal('file'), path: z.string().min(1) }),
]);

export type TokenizerRecipe = z.output<typeof tokenizerSchema>;

const recipeSchema = z.strictObject({
  tokenizer: tokenizerSchema.default({ kind: 'character', specialTokens: [] }),
  model: partialLanguageModelSchema,
  training: trainingSchema,
  /** How conversations are written in the text, for those who chat with the model. */
  chat: chatTemplateSchema.optional(),
});

/** A recipe as a person writes it: a preset, or a configuration file. */
export type RecipeInput = z.input<typeof recipeSchema>;

export interface Recipe {
  readonly tokenizer: TokenizerRecipe;
  readonly model: z.output<typeof partialLanguageModelSchema>;
  readonly training: TrainingChoices;
  readonly chat?: ChatTemplate | undefined;
}

/**
 * Checks a recipe and makes every choice that was left open.
 * @throws {ConfigError} that names each wrong key, with the nearest known one
 */
export function parseRecipe(input: unknown): Recipe {
  const { tokenizer, model, training, chat } = parseConfig(recipeSchema, input, 'Configuration');
  // Whether the choices for the model go together does not depend on the vocabulary: said now, not after hours of tokenizing.
  modelOf(model, 1);
  const blockLength = training.blockLength ?? model.maxLength;
  return { tokenizer, model, training: { ...training, blockLength }, ...(chat && { chat }) };
}

/** Settings of which one stands in the place of the other. */
const alternatives = [
  ['steps', 'epochs'],
  ['batchSize', 'maxTokens'],
] as const;

/**
 * Training settings with some of them changed. A number of steps replaces one of epochs, and the other way round; so do rows and
 * tokens of a batch. A warm-up that would take up more than half of the steps becomes a tenth of them, so that the number of
 * steps can be chosen freely.
 */
export function changeTraining(training: JsonObject, changes: JsonObject): JsonObject {
  const replaced = alternatives.flatMap(([a, b]) => (a in changes ? [b] : b in changes ? [a] : []));
  const kept = Object.entries(training).filter(([key]) => !(replaced as readonly string[]).includes(key));
  const changed = { ...Object.fromEntries(kept), ...changes };
  const { steps, warmUpSteps } = changed;
  if (typeof steps !== 'number' || typeof warmUpSteps !== 'number' || 2 * warmUpSteps <= steps)
    return changed;
  return { ...changed, warmUpSteps: Math.floor(steps / 10) };
}

/** The model of a recipe, for a vocabulary. @throws {ConfigError} when choices do not go together */
export function modelOf(model: Recipe['model'], vocabularySize: number): LanguageModel {
  return new LanguageModel({ ...model, vocabularySize });
}
