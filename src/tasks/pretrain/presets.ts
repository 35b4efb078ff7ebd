// Named recipes of pre-training as plain data. Knows nothing of how they are run.
import type { PretrainingRecipeInput, PretrainingTask } from './recipe.js';
import { ConfigError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';

/** Linear decay, as in BERT; the second moment is kept for longer than language models keep it. */
const schedule = { schedule: 'linear', beta2: 0.98, weightDecay: 0.01, recordEvery: 20 } as const;

/** Trained in seconds: for trying things out and for tests. */
const tiny = {
  ...schedule,
  steps: 100,
  maxTokens: 512,
  learningRate: 3e-3,
  warmUpSteps: 10,
  evaluateEvery: 50,
  recordEvery: 5,
} as const;

/** Minutes on two cores. */
const small = {
  ...schedule,
  epochs: 10,
  maxTokens: 4096,
  learningRate: 1e-3,
  warmUpSteps: 100,
  evaluateEvery: 'epoch',
} as const;

const presets: Readonly<Record<string, PretrainingRecipeInput>> = {
  'encoder-tiny': {
    task: 'masked-language-model',
    tokenizer: { kind: 'word-piece', vocabularySize: 1000 },
    model: { width: 32, layers: 2, heads: 2, maxLength: 32, dropout: 0.1 },
    training: tiny,
  },
  'encoder-small': {
    task: 'masked-language-model',
    tokenizer: { kind: 'word-piece', vocabularySize: 8000 },
    model: { width: 192, layers: 4, heads: 4, maxLength: 128, dropout: 0.1 },
    training: small,
  },
  'longformer-small': {
    task: 'masked-language-model',
    tokenizer: { kind: 'word-piece', vocabularySize: 8000 },
    model: {
      width: 192,
      layers: 4,
      heads: 4,
      maxLength: 2048,
      dropout: 0.1,
      attention: { kind: 'longformer', window: 128 },
    },
    training: { ...small, maxTokens: 8192 },
  },
  'gap-sentences-tiny': {
    task: 'gap-sentences',
    tokenizer: { kind: 'unigram', vocabularySize: 1000 },
    model: { width: 32, encoderLayers: 1, decoderLayers: 1, heads: 2, maxLength: 64, dropout: 0.1 },
    training: tiny,
  },
  'gap-sentences-small': {
    task: 'gap-sentences',
    tokenizer: { kind: 'unigram', vocabularySize: 8000 },
    model: { width: 192, encoderLayers: 3, decoderLayers: 3, heads: 4, maxLength: 256, dropout: 0.1 },
    training: small,
  },
  /** What `--preset dialogue` of the task summarize tunes, on dialogues alone. */
  'gap-sentences-dialogue': {
    task: 'gap-sentences',
    tokenizer: { kind: 'byte-level-bpe', vocabularySize: 5000 },
    model: { kind: 'recurrent-encoder-decoder', copy: true, width: 128, dropout: 0.15, maxLength: 240 },
    lowercase: true,
    gaps: { ratio: 0.15, keep: 0.5, maxTargetTokens: 56 },
    validationFraction: 0.02,
    training: {
      maxTokens: 3200,
      buckets: 4,
      learningRate: 3e-3,
      minimumLearningRate: 1e-5,
      warmUpSteps: 60,
      beta2: 0.98,
      weightDecay: 0,
      steps: 600,
      evaluateEvery: 300,
    },
  },
};

const defaults: Readonly<Record<PretrainingTask, string>> = {
  'masked-language-model': 'encoder-small',
  'gap-sentences': 'gap-sentences-small',
};

export const pretrainingTasks = Object.keys(defaults) as readonly PretrainingTask[];

/** The names in few words, for help. */
export const pretrainingPresetSummary = Object.keys(presets).join(', ');

/** The task that a preset is for; `undefined` when there is no such preset of pre-training. */
export function taskOfPreset(name: string | undefined): PretrainingTask | undefined {
  return name !== undefined && Object.hasOwn(presets, name) ? presets[name]?.task : undefined;
}

/**
 * A recipe for a task.
 * @param name default: that of the task
 * @throws {ConfigError} when no preset has the name, with the nearest that has, or it is for another task
 */
export function pretrainingPreset(
  task: PretrainingTask,
  name = defaults[task],
): { readonly name: string; readonly recipe: PretrainingRecipeInput } {
  const recipe = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (recipe?.task === task) return { name, recipe };
  const suitable = Object.keys(presets).filter((key) => presets[key]?.task === task);
  const problem =
    recipe === undefined
      ? `There is no preset "${name}".${didYouMean(name, suitable)}`
      : `The preset "${name}" is for --task ${recipe.task}.`;
  throw new ConfigError(`${problem} For ${task} there are: ${suitable.join(', ')}.`, {
    fields: { name, task, known: suitable },
  });
}
