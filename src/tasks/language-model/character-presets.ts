// Recipes for characters, two for every memory: one of seconds, one of a useful size. Knows nothing of how they are run.
import type { RecipeInput } from './recipe.js';
import { createMemory } from '../../memory/create-memory.js';

type Model = RecipeInput['model'];
type Training = RecipeInput['training'];
type SizeName = 'tiny' | 'cpu';

interface Size {
  readonly model: Model;
  readonly training: Training;
}

const sizes: Readonly<Record<SizeName, Size>> = {
  /** Trained in seconds: for trying things out and for tests. */
  tiny: {
    model: { width: 32, layers: 2, heads: 2, maxLength: 32, bias: false, tiedHead: true, dropout: 0.1 },
    training: {
      steps: 100,
      batchSize: 8,
      learningRate: 3e-3,
      minimumLearningRate: 3e-4,
      warmUpSteps: 10,
      evaluateEvery: 50,
      evaluationBatches: 20,
      evaluationBatchSize: 16,
      recordEvery: 5,
    },
  },
  /** nanoGPT's recipe for a small computer (README, "I only have a macbook"): 0.8 M parameters, 2,000 steps of 768 tokens. */
  cpu: {
    model: { width: 128, layers: 4, heads: 4, maxLength: 64, bias: false, tiedHead: true, dropout: 0 },
    training: {
      steps: 2000,
      batchSize: 12,
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
  },
};

/** What a memory wants otherwise. */
interface Wishes {
  readonly memory?: Model['memory'];
  readonly position?: Model['position'];
  /** The rate of the size is multiplied by it. */
  readonly rateFactor?: number;
}

/** Rotary positions learn faster than learned ones. */
const rotary = { position: 'rotary' } as const;
const faster = { rateFactor: 2 };

const wishes: Readonly<Record<string, Wishes>> = {
  attention: rotary,
  'sliding-window': rotary,
  longformer: rotary,
  gru: faster,
  lstm: faster,
};

/**
 * The recipe of a memory in one of two sizes. A memory without a bound carries its state through the text; one with a bound
 * learns from blocks that begin anew.
 */
export function characterPreset(kind: string, size: SizeName): RecipeInput {
  const { model, training } = sizes[size];
  const { memory = kind, position = 'none', rateFactor = 1 } = wishes[kind] ?? {};
  const { width, heads = 1, maxLength, bias = true } = model;
  const { capacity } = createMemory(kind, { width, heads, maxLength, position, bias });
  const reading: Partial<Training> =
    capacity === undefined
      ? { order: 'sequential', carryState: true }
      : { order: size === 'tiny' ? 'shuffled' : 'random' };
  return {
    tokenizer: { kind: 'character' },
    model: { ...model, memory, position },
    training: {
      ...training,
      ...reading,
      learningRate: training.learningRate * rateFactor,
      minimumLearningRate: (training.minimumLearningRate ?? 0) * rateFactor,
    },
  };
}
