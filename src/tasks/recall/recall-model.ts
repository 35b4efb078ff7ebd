// The language model and the training by which memories are compared: the same for each of them but for the memory. Knows no task.
import type { LanguageModelConfigInput } from '../../models/index.js';
import type { MemoryConfigInput } from '../../memory/index.js';
import type { TrainingSettings } from '../../train/index.js';
import { parseConfig } from '../../core/parse-config.js';
import { LanguageModel } from '../../models/index.js';
import { trainingSchema } from '../../train/index.js';

/** A memory under a name: one for all blocks, or one for each. */
export interface RecallContestant {
  readonly name: string;
  readonly memory: MemoryConfigInput | readonly MemoryConfigInput[];
}

export interface RecallModelSizes {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

/**
 * As in Zoology: learned positions, so that every memory may know where a token stands, and no feed-forward layers, which are
 * no memory. First weights five times as large as a language model's: at these widths attention begins almost even, and needs
 * long to notice that looking somewhere helps.
 */
const shape: Partial<LanguageModelConfigInput> = {
  position: 'learned',
  feedForward: 'none',
  tiedHead: true,
  initializer: { normal: 0.1 },
};

/** @throws {ConfigError} when sizes do not fit */
export function recallModel(
  task: { readonly vocabularySize: number; readonly length: number },
  { memory }: RecallContestant,
  sizes: RecallModelSizes,
): LanguageModel {
  const { vocabularySize, length: maxLength } = task;
  return new LanguageModel({ ...shape, ...sizes, vocabularySize, maxLength, memory });
}

export interface RecallTrainingChoices {
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  /** Steps between looks at the validation examples. */
  readonly evaluateEvery: number;
}

/** AdamW with a warm-up and a cosine to a tenth of the rate. @throws {ConfigError} when a choice is impossible */
export function recallTraining(length: number, choices: RecallTrainingChoices): TrainingSettings {
  const { steps, learningRate, evaluateEvery } = choices;
  const given = {
    ...choices,
    minimumLearningRate: learningRate / 10,
    warmUpSteps: Math.min(100, Math.floor(steps / 10)),
    evaluationBatchSize: 128,
  };
  const parsed = parseConfig(trainingSchema, given, 'Training');
  return { ...parsed, steps, evaluateEvery, blockLength: length, stepsPerEpoch: steps };
}
