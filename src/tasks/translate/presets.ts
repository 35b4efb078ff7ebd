// Recipes for translation by name, as a person would write them. Measured in docs/benchmarks.md.
import type { JsonObject } from '../../checkpoint/index.js';
import { rewardTraining } from '../writing/recipe.js';

/** What both recipes have in common: Adam as in Vaswani et al. 2017, with a cosine in the place of the root. */
const training = {
  maxTokens: 2000,
  buckets: 8,
  learningRate: 2e-3,
  minimumLearningRate: 1e-5,
  warmUpSteps: 500,
  beta2: 0.98,
  weightDecay: 0,
  epochs: 16,
} as const;

const small = {
  kind: 'encoder-decoder',
  width: 128,
  hiddenSize: 256,
  encoderLayers: 3,
  decoderLayers: 3,
  heads: 4,
  dropout: 0.1,
  maxLength: 256,
} as const;

export const translatePresets: Readonly<Record<string, JsonObject>> = {
  /** Vaswani et al. 2017 made small: 4.4 M parameters with a shared vocabulary of 10,000. */
  transformer: {
    tokenizer: { kind: 'byte-level-bpe', vocabularySize: 10_000 },
    model: {
      kind: 'encoder-decoder',
      width: 192,
      hiddenSize: 512,
      encoderLayers: 3,
      decoderLayers: 3,
      heads: 4,
      dropout: 0.2,
      maxLength: 256,
    },
    training,
  },
  /** The same for a first impression: 2.2 M parameters. */
  small: {
    tokenizer: { kind: 'byte-level-bpe', vocabularySize: 10_000 },
    model: small,
    training: { ...training, learningRate: 4e-3, warmUpSteps: 300, epochs: 10 },
  },
  /** Bahdanau et al. 2015, small. */
  recurrent: {
    tokenizer: { kind: 'byte-level-bpe', vocabularySize: 10_000 },
    model: { kind: 'recurrent-encoder-decoder', width: 192, hiddenSize: 192, dropout: 0.2, maxLength: 256 },
    training: { ...training, learningRate: 1e-3, epochs: 10 },
  },
  /** Goes on from a run of one of the others. */
  reward: {
    tokenizer: {},
    model: { ...small, pairs: { reward: { metric: 'bleu' } } },
    training: rewardTraining,
  },
};
