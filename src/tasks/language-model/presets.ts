// Named recipes as plain data. Knows nothing of how they are run.
import { ConfigError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import type { RecipeInput } from './recipe.js';

/**
 * nanoGPT's recipe for a small computer (README, "I only have a macbook") with rotary positions in the place of learned
 * ones, which learn faster: 0.8 M parameters, 2,000 steps of 768 tokens.
 */
const charGptCpu: RecipeInput = {
  tokenizer: { kind: 'character' },
  model: {
    width: 128,
    layers: 4,
    heads: 4,
    maxLength: 64,
    memory: 'attention',
    position: 'rotary',
    feedForward: 'gelu',
    norm: 'layer',
    bias: false,
    tiedHead: true,
    dropout: 0,
  },
  training: {
    steps: 2000,
    batchSize: 12,
    order: 'random',
    learningRate: 1e-3,
    minimumLearningRate: 1e-4,
    warmUpSteps: 100,
    beta1: 0.9,
    beta2: 0.99,
    weightDecay: 0.1,
    clipNorm: 1,
    validationFraction: 0.1,
    evaluateEvery: 250,
    evaluationBatches: 100,
    evaluationBatchSize: 48,
  },
};

/** The same size and text with recurrent memories in the place of attention. */
const charGruCpu: RecipeInput = {
  ...charGptCpu,
  model: { ...charGptCpu.model, memory: 'gru', position: 'none' },
  training: { ...charGptCpu.training, learningRate: 2e-3, minimumLearningRate: 2e-4 },
};

/** Subword tokens, rotary positions and gated feed-forward layers: 5 M parameters. */
const bpeGptSmall: RecipeInput = {
  tokenizer: { kind: 'byte-level-bpe', vocabularySize: 4096 },
  model: {
    width: 256,
    layers: 4,
    heads: 4,
    maxLength: 256,
    memory: 'attention',
    position: 'rotary',
    feedForward: 'swiglu',
    norm: 'rms',
    bias: false,
    tiedHead: true,
    dropout: 0.1,
  },
  training: {
    steps: 2000,
    batchSize: 8,
    order: 'shuffled',
    learningRate: 1e-3,
    minimumLearningRate: 1e-4,
    warmUpSteps: 100,
    beta1: 0.9,
    beta2: 0.95,
    weightDecay: 0.1,
    clipNorm: 1,
    evaluateEvery: 250,
    evaluationBatches: 50,
    evaluationBatchSize: 8,
  },
};

/** Trained in seconds: for trying things out and for tests. */
const charAttentionTiny: RecipeInput = {
  tokenizer: { kind: 'character' },
  model: { width: 32, layers: 2, heads: 2, maxLength: 32, bias: false, tiedHead: true, dropout: 0.1 },
  training: {
    steps: 100,
    batchSize: 8,
    order: 'shuffled',
    learningRate: 3e-3,
    minimumLearningRate: 3e-4,
    warmUpSteps: 10,
    evaluateEvery: 50,
    evaluationBatches: 20,
    evaluationBatchSize: 16,
    recordEvery: 5,
  },
};

const charGruTiny: RecipeInput = {
  ...charAttentionTiny,
  model: { ...charAttentionTiny.model, memory: 'gru', position: 'none' },
};

const presets: Readonly<Record<string, RecipeInput>> = {
  'char-gpt-cpu': charGptCpu,
  'char-gru-cpu': charGruCpu,
  'bpe-gpt-small': bpeGptSmall,
  'char-attention-tiny': charAttentionTiny,
  'char-gru-tiny': charGruTiny,
};

export const presetNames: readonly string[] = Object.keys(presets);

/** @throws {ConfigError} when no preset has the name, with the nearest that has */
export function presetNamed(name: string): RecipeInput {
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset !== undefined) return preset;
  throw new ConfigError(`There is no preset "${name}".${didYouMean(name, presetNames)}`, {
    fields: { name, known: presetNames },
  });
}
