// Recipes for summarization by name, as a person would write them.
import type { JsonObject } from '../../checkpoint/index.js';
import { rewardTraining } from '../writing/recipe.js';

const training = {
  maxTokens: 4000,
  buckets: 6,
  learningRate: 1.5e-3,
  minimumLearningRate: 1e-5,
  warmUpSteps: 400,
  beta2: 0.98,
  weightDecay: 0,
  epochs: 12,
} as const;

const sizes = {
  kind: 'encoder-decoder',
  width: 192,
  hiddenSize: 512,
  encoderLayers: 3,
  decoderLayers: 3,
  heads: 4,
  copy: true,
  dropout: 0.2,
  maxLength: 160,
} as const;

const tokenizer = { kind: 'byte-level-bpe', vocabularySize: 10_000 } as const;
const pairs = { labelSmoothing: 0.1, validationRows: 200 } as const;

/** A pointer-generator (See et al. 2017) on the network of Bahdanau et al. 2015: 1.9 M parameters. */
const recurrent = {
  kind: 'recurrent-encoder-decoder',
  copy: true,
  width: 128,
  dropout: 0.15,
} as const;

const recurrentTokenizer = { ...tokenizer, vocabularySize: 5000 } as const;

const recurrentTraining = {
  ...training,
  maxTokens: 3200,
  buckets: 4,
  learningRate: 3e-3,
  warmUpSteps: 60,
  epochs: 4,
} as const;

export const summarizePresets: Readonly<Record<string, JsonObject>> = {
  recurrent: {
    tokenizer: recurrentTokenizer,
    model: { ...recurrent, maxLength: 400, pairs: { ...pairs, maxTargetTokens: 160 } },
    training: recurrentTraining,
  },
  /** The same for some ten thousand dialogues with a sentence or two about each, as in DialogSum. */
  dialogue: {
    tokenizer: recurrentTokenizer,
    model: {
      ...recurrent,
      maxLength: 240,
      pairs: { ...pairs, lowercase: true, maxSourceTokens: 220, maxTargetTokens: 56 },
    },
    training: { ...recurrentTraining, evaluateEvery: 500, saveEvery: 100 },
  },
  transformer: { tokenizer, model: { ...sizes, maxSourceLength: 400, pairs }, training },
  /** For texts of thousands of tokens: each position sees those around it. Beltagy et al. 2020, LED. */
  longformer: {
    tokenizer,
    model: {
      ...sizes,
      encoderAttention: { kind: 'longformer', window: 128 },
      maxSourceLength: 4096,
      pairs,
    },
    training: { ...training, maxTokens: 8192 },
  },
  /** Goes on from a run of one of the others. */
  reward: {
    tokenizer: {},
    model: {
      ...sizes,
      maxSourceLength: 400,
      pairs: { ...pairs, reward: { metric: 'rouge-l', samples: 4, temperature: 0.7, referenceShare: 0.1 } },
    },
    training: {
      ...rewardTraining,
      batchSize: 6,
      buckets: 2,
      learningRate: 1e-4,
      warmUpSteps: 5,
      average: 0.9,
      evaluateEvery: 25,
    },
  },
};
