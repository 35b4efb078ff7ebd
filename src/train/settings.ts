// How a model is trained, as plain data checked by a schema. Knows nothing of the model.
import { z } from 'zod';
import { blockOrderNames, blocksPerEpoch } from '../data/index.js';

const count = z.int().positive();
const rate = z.number().positive();
const share = z.number().min(0).lt(1);

/** How parameters move, whatever is learned from. */
export const optimizerFields = {
  optimizer: z.enum(['adamw', 'sgd']).default('adamw'),
  /** The highest rate. */
  learningRate: rate,
  /** The rate at the last step, unless the schedule is constant. */
  minimumLearningRate: z.number().min(0).default(0),
  schedule: z.enum(['cosine', 'linear', 'constant', 'epoch-decay']).default('cosine'),
  /** Schedule `epoch-decay`: epochs with the highest rate. */
  decayAfterEpochs: z.int().min(0).default(1),
  /** Schedule `epoch-decay`: what each later epoch multiplies the rate by. */
  decayFactor: rate.max(1).default(0.5),
  /** Steps in which the rate grows linearly. */
  warmUpSteps: z.int().min(0).default(0),
  /** AdamW: share of the first moment that is kept. */
  beta1: share.default(0.9),
  /** AdamW: share of the second moment that is kept. */
  beta2: share.default(0.95),
  /** SGD: share of the last step that is kept. */
  momentum: share.default(0),
  /** Of matrices; vectors do not decay. */
  weightDecay: z.number().min(0).default(0.1),
  /** Largest global norm of the gradient; `null`: not clipped. */
  clipNorm: rate.nullable().default(1),
} as const;

/** When training ends, and what it does between steps, whatever is learned from. */
export const loopFields = {
  /** Optimizer steps in all. Either these or epochs. */
  steps: count.optional(),
  /** How often training passes through the data. */
  epochs: rate.optional(),
  /** Evaluations without a better one after which training stops; `null`: never. */
  patience: count.nullable().default(null),
  /** Steps between checkpoints besides those of evaluations; `null`: none. */
  saveEvery: count.nullable().default(null),
  /** Steps between records in the metrics file. */
  recordEvery: count.default(10),
  seed: z.int().default(1),
} as const;

/** Steps, or epochs. */
export const evaluationPeriod = z.union([count, z.literal('epoch')]);

/** Says that either steps or epochs are needed. */
export const lengthRule = {
  holds: ({ steps, epochs }: { readonly steps?: number | undefined; readonly epochs?: number | undefined }) =>
    (steps === undefined) !== (epochs === undefined),
  problem: { path: ['steps'], error: 'either steps or epochs say how long to train, and not both' },
};

const fields = {
  ...loopFields,
  ...optimizerFields,
  /** Blocks that pass through the model at once. */
  batchSize: count,
  /** Batches whose gradients are averaged into one step. */
  accumulation: count.default(1),
  /** Tokens of a block. Default: the longest sequence of the model. */
  blockLength: count.optional(),
  /** `shuffled`: every block once an epoch; `random`: blocks start anywhere; `sequential`: each row of a batch reads on. */
  order: z.enum(blockOrderNames).default('shuffled'),
  /**
   * Truncated backpropagation through time: what the model remembers is carried from each batch to the next and begins anew
   * with each epoch; no gradient flows back into it. Evaluation carries it too. Needs the sequential order.
   */
  carryState: z.boolean().default(false),
  /** `mean`: over all targets of a step; `sum-over-time`: over its sequences only, whose losses are summed. */
  lossReduction: z.enum(['mean', 'sum-over-time']).default('mean'),
  /** The last part of the text validates, unless there is a validation text. */
  validationFraction: share.default(0.1),
  /** Steps between evaluations, each of which saves a checkpoint; or `epoch`. */
  evaluateEvery: evaluationPeriod.default(250),
  /** Batches of the validation text to evaluate, from its beginning; `null`: all of it. */
  evaluationBatches: count.nullable().default(null),
  /** Blocks of a batch to evaluate. */
  evaluationBatchSize: count.default(32),
};

/** Settings of a training run. Every rate and period counts optimizer steps, unless it says otherwise. */
export const trainingSchema = z
  .strictObject(fields)
  .refine(lengthRule.holds, lengthRule.problem)
  .refine(({ carryState, order }) => !carryState || order === 'sequential', {
    path: ['carryState'],
    error: 'what is remembered can only be carried on where each row reads on; set order to "sequential"',
  });

/** Settings as a person writes them. */
export type TrainingSettingsInput = z.input<typeof trainingSchema>;

/** Settings with every choice made, for texts of any length. */
export type TrainingChoices = z.output<typeof trainingSchema> & { readonly blockLength: number };

/** How long training takes is known in steps. */
export interface StepCounts {
  readonly steps: number;
  readonly evaluateEvery: number;
  /** Need not be whole. */
  readonly stepsPerEpoch: number;
}

/** Settings for a text. */
export interface TrainingSettings extends TrainingChoices, StepCounts {
  readonly steps: number;
  readonly evaluateEvery: number;
}

/** What the loop has to know. */
export type LoopSettings = StepCounts &
  Readonly<Record<'patience' | 'saveEvery', number | null>> & { readonly recordEvery: number };

/** What the optimizer is made from. */
export interface OptimizerSettings extends StepCounts, Pick<TrainingChoices, keyof typeof optimizerFields> {
  /** Parameters that stay as they are: those at these paths and below them. */
  readonly freeze?: readonly string[];
  /** What each layer further from the output multiplies the rate by; 1 by default. */
  readonly layerDecay?: number;
}

/** The step counts for epochs of `stepsPerEpoch` steps. */
export function stepCounts(
  { steps, epochs = 1, evaluateEvery }: Pick<TrainingChoices, 'steps' | 'epochs' | 'evaluateEvery'>,
  stepsPerEpoch: number,
): StepCounts {
  return {
    steps: steps ?? Math.max(1, Math.round(epochs * stepsPerEpoch)),
    evaluateEvery: evaluateEvery === 'epoch' ? Math.max(1, Math.round(stepsPerEpoch)) : evaluateEvery,
    stepsPerEpoch,
  };
}

/** The settings for a text of `tokens` tokens to learn from. */
export function settingsFor(choices: TrainingChoices, tokens: number): TrainingSettings {
  const { order, blockLength, batchSize, accumulation } = choices;
  const rows = batchSize * accumulation;
  const stepsPerEpoch = Math.max(1, blocksPerEpoch(order, { count: tokens, blockLength, rows })) / rows;
  return { ...choices, ...stepCounts(choices, stepsPerEpoch) };
}
