// Named recipes as plain data. Knows nothing of how they are run.
import { ConfigError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { memoryKinds } from '../../memory/create-memory.js';
import { characterPreset } from './character-presets.js';
import type { RecipeInput } from './recipe.js';

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

/** A layer of the LSTM of Zaremba et al.: no forget bias, first values uniform. */
const zarembaLayer = { kind: 'lstm', forgetBias: 0, initializer: { uniform: 0.1 } };

/**
 * The small LSTM for the Penn Treebank: a plain stack of two layers, unrolled for 20 words, with the state carried through
 * the text. Source: Zaremba et al. 2014, section 4.1 (non-regularized), with the loss summed over time.
 */
const ptbLstmSmall: RecipeInput = {
  tokenizer: { kind: 'word' },
  model: {
    width: 200,
    memory: [zarembaLayer, zarembaLayer],
    maxLength: 20,
    position: 'none',
    residual: false,
    norm: 'none',
    feedForward: 'none',
    headBias: true,
    initializer: { uniform: 0.1 },
  },
  training: {
    epochs: 13,
    batchSize: 20,
    order: 'sequential',
    carryState: true,
    lossReduction: 'sum-over-time',
    optimizer: 'sgd',
    learningRate: 1,
    schedule: 'epoch-decay',
    decayAfterEpochs: 4,
    decayFactor: 0.5,
    weightDecay: 0,
    clipNorm: 5,
    evaluateEvery: 'epoch',
    evaluationBatchSize: 10,
    recordEvery: 50,
  },
};

const presets: Readonly<Record<string, () => RecipeInput>> = {
  'char-gpt-cpu': () => characterPreset('attention', 'cpu'),
  'bpe-gpt-small': () => bpeGptSmall,
  'ptb-lstm-small': () => ptbLstmSmall,
  ...Object.fromEntries(
    memoryKinds.flatMap((kind) =>
      (['tiny', 'cpu'] as const).map((size) => [`char-${kind}-${size}`, () => characterPreset(kind, size)]),
    ),
  ),
};

export const presetNames: readonly string[] = Object.keys(presets);

/** The names in few words, for help. */
export const presetSummary = `char-gpt-cpu, bpe-gpt-small, ptb-lstm-small, and char-MEMORY-tiny (seconds) and char-MEMORY-cpu (minutes) for each MEMORY: ${memoryKinds.join(', ')}`;

/** @throws {ConfigError} when no preset has the name, with the nearest that has */
export function presetNamed(name: string): RecipeInput {
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset !== undefined) return preset();
  throw new ConfigError(`There is no preset "${name}".${didYouMean(name, presetNames)}`, {
    fields: { name, known: presetNames },
  });
}
