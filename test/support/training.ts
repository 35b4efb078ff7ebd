// Small models, texts and runs for tests of training.
import type { TrainingRun } from '../../src/checkpoint/index.js';
import type { Files } from '../../src/core/files.js';
import type { TokenSplit } from '../../src/data/index.js';
import type { Tensor } from '../../src/engine/graph.js';
import type { Trainable, TrainingChoices, TrainingSettings } from '../../src/train/index.js';
import { createRun, openRun } from '../../src/checkpoint/index.js';
import { Random } from '../../src/core/random.js';
import { TensorData } from '../../src/core/tensor-data.js';
import { splitTokens, tokensInMemory } from '../../src/data/index.js';
import { gather } from '../../src/engine/ops/indexing.js';
import { LanguageModel } from '../../src/models/index.js';
import { crossEntropy } from '../../src/nn/index.js';
import { trainable } from '../../src/tasks/language-model/load.js';
import { memoryFiles } from '../../src/testing/memory-files.js';
import { settingsFor, trainingSchema } from '../../src/train/index.js';

export const vocabularySize = 11;

/** Settings with defaults for what a test leaves open. */
export function settingsOf(settings: Partial<TrainingChoices> = {}): TrainingSettings {
  const given = {
    ...(settings.epochs === undefined && { steps: 12 }),
    batchSize: 4,
    blockLength: 8,
    learningRate: 0.01,
    evaluateEvery: 4,
    evaluationBatchSize: 4,
    recordEvery: 1,
    ...settings,
  };
  const choices = { ...trainingSchema.parse(given), blockLength: given.blockLength };
  return settingsFor(choices, tinySplit().train.count);
}

/** A model with one parameter: the logits of each token after each other token. */
export const bigram: Trainable = {
  init: (random) => {
    const values = Float32Array.from({ length: vocabularySize ** 2 }, () => 0.1 * random.normal());
    return { logits: new TensorData('float32', [vocabularySize, vocabularySize], values) };
  },
  loss: (parameters, inputs, targets) =>
    crossEntropy(gather((parameters as { readonly logits: Tensor }).logits, inputs), targets),
};

/** A language model of two blocks, with dropout unless it is turned off. */
export function tinyModel(memory: 'attention' | 'gru', dropout = 0.2): Trainable {
  return trainable(
    new LanguageModel({ vocabularySize, width: 8, layers: 2, heads: 2, maxLength: 8, memory, dropout }),
  );
}

/** Tokens of which each mostly follows from the one before. */
export function predictableTokens(count = 600, seed = 1): Int32Array {
  const random = Random.fromSeed(seed);
  const ids = new Int32Array(count);
  for (let i = 1; i < count; i++) {
    const next = ((ids[i - 1] ?? 0) * 3 + 1) % vocabularySize;
    ids[i] = random.uniform() < 0.9 ? next : random.integer(vocabularySize);
  }
  return ids;
}

export function tinySplit(validationFraction = 0.1): TokenSplit {
  return splitTokens(tokensInMemory(predictableTokens()), validationFraction);
}

const description = { config: { model: {} }, tokenizer: '{}' };

/** A new run on a disk in memory. */
export async function newRun(files: Files = memoryFiles()): Promise<TrainingRun> {
  return createRun(files, '/run', description);
}

/** The same run, opened again as another process would. */
export async function reopened(run: TrainingRun, files: Files): Promise<TrainingRun> {
  await run.close();
  return openRun(files, '/run');
}
