// Recipes for translation by name, as a person would write them. Measured in docs/benchmarks.md.
import type { JsonObject } from '../../checkpoint/index.js';
import { rewardTraining } from '../writing/recipe.js';

const tokenizer = { kind: 'byte-level-bpe', vocabularySize: 10_000 } as const;

/** Adam as in Vaswani et al. 2017, with a cosine in the place of the root. */
const training = {
  maxTokens: 1600,
  buckets: 8,
  learningRate: 4e-3,
  minimumLearningRate: 1e-5,
  warmUpSteps: 300,
  beta2: 0.98,
  weightDecay: 0,
  epochs: 8,
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
  /** Vaswani et al. 2017 made small, for some ten thousand sentences: 2.3 M parameters with a shared vocabulary. */
  transformer: { tokenizer, model: small, training },
  /** For more sentences than that: 4.4 M parameters. */
  large: {
    tokenizer,
    model: { ...small, width: 192, hiddenSize: 512, dropout: 0.2 },
    training: { ...training, maxTokens: 2000, learningRate: 2e-3, warmUpSteps: 500, epochs: 16 },
  },
  /** Bahdanau et al. 2015, small. */
  recurrent: {
    tokenizer,
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
