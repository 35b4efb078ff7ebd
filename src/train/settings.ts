// How a model is trained, as plain data checked by a schema. Knows nothing of the model.
import { z } from 'zod';
import { blockOrderNames } from '../data/index.js';

const count = z.int().positive();
const rate = z.number().positive();
const share = z.number().min(0).lt(1);

/** Settings of a training run. Every rate and period counts optimizer steps. */
export const trainingSchema = z.strictObject({
  /** Optimizer steps in all. */
  steps: count,
  /** Blocks that pass through the model at once. */
  batchSize: count,
  /** Batches whose gradients are averaged into one step. */
  accumulation: count.default(1),
  /** Tokens of a block. Default: the longest sequence of the model. */
  blockLength: count.optional(),
  /** `shuffled`: every block once an epoch; `random`: blocks start anywhere. */
  order: z.enum(blockOrderNames).default('shuffled'),
  optimizer: z.enum(['adamw', 'sgd']).default('adamw'),
  /** The highest rate. */
  learningRate: rate,
  /** The rate at the last step, unless the schedule is constant. */
  minimumLearningRate: z.number().min(0).default(0),
  schedule: z.enum(['cosine', 'linear', 'constant']).default('cosine'),
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
  /** Steps between evaluations, each of which saves a checkpoint. */
  evaluateEvery: count.default(250),
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
});

/** Settings as a person writes them. */
export type TrainingSettingsInput = z.input<typeof trainingSchema>;

/** Settings with every choice made. */
export type TrainingSettings = z.output<typeof trainingSchema> & { readonly blockLength: number };
