// How a model is trained, as plain data checked by a schema. Knows nothing of the model.
import { z } from 'zod';
import { blockOrderNames, blocksPerEpoch } from '../data/index.js';

const count = z.int().positive();
const rate = z.number().positive();
const share = z.number().min(0).lt(1);

const fields = {
  /** Optimizer steps in all. Either these or epochs. */
  steps: count.optional(),
  /** How often training passes through the text. */
  epochs: rate.optional(),
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
  /** The last part of the text validates, unless there is a validation text. */
  validationFraction: share.default(0.1),
  /** Steps between evaluations, each of which saves a checkpoint; or `epoch`. */
  evaluateEvery: z.union([count, z.literal('epoch')]).default(250),
  /** Batches of the validation text to evaluate, from its beginning; `null`: all of it. */
  evaluationBatches: count.nullable().default(null),
  /** Blocks of a batch to evaluate. */
  evaluationBatchSize: count.default(32),
  /** Evaluations without a lower loss after which training stops; `null`: never. */
  patience: count.nullable().default(null),
  /** Steps between checkpoints besides those of evaluations; `null`: none. */
  saveEvery: count.nullable().default(null),
  /** Steps between records in the metrics file. */
  recordEvery: count.default(10),
  seed: z.int().default(1),
};

/** Settings of a training run. Every rate and period counts optimizer steps, unless it says otherwise. */
export const trainingSchema = z
  .strictObject(fields)
  .refine(({ steps, epochs }) => (steps === undefined) !== (epochs === undefined), {
    path: ['steps'],
    error: 'either steps or epochs say how long to train, and not both',
  })
  .refine(({ carryState, order }) => !carryState || order === 'sequential', {
    path: ['carryState'],
    error: 'what is remembered can only be carried on where each row reads on; set order to "sequential"',
  });

/** Settings as a person writes them. */
export type TrainingSettingsInput = z.input<typeof trainingSchema>;

/** Settings with every choice made, for texts of any length. */
export type TrainingChoices = z.output<typeof trainingSchema> & { readonly blockLength: number };

/** Settings for a text: how long training takes is known in steps. */
export interface TrainingSettings extends TrainingChoices {
  readonly steps: number;
  readonly evaluateEvery: number;
  /** Need not be whole. */
  readonly stepsPerEpoch: number;
}

/** The settings for a text of `tokens` tokens to learn from. */
export function settingsFor(choices: TrainingChoices, tokens: number): TrainingSettings {
  const { order, blockLength, batchSize, accumulation, steps, epochs = 1, evaluateEvery } = choices;
  const rows = batchSize * accumulation;
  const stepsPerEpoch = Math.max(1, blocksPerEpoch(order, { count: tokens, blockLength, rows })) / rows;
  return {
    ...choices,
    steps: steps ?? Math.max(1, Math.round(epochs * stepsPerEpoch)),
    evaluateEvery: evaluateEvery === 'epoch' ? Math.max(1, Math.round(stepsPerEpoch)) : evaluateEvery,
    stepsPerEpoch,
  };
}
