// How a model is trained on examples, as plain data checked by a schema. Knows nothing of the model.
import { z } from 'zod';
import type { Buckets } from '../data/index.js';
import type { StepCounts } from './settings.js';
import { bucketsFor, rowBatchesOnce } from '../data/index.js';
import { evaluationPeriod, lengthRule, loopFields, optimizerFields, stepCounts } from './settings.js';

const count = z.int().positive();

const fields = {
  ...loopFields,
  ...optimizerFields,
  /** Examples of a batch; or ... */
  batchSize: count.optional(),
  /** ... padded tokens of a batch at most, so that short examples come in larger batches. One of the two. */
  maxTokens: count.optional(),
  /** Lengths to which examples are padded, at most: a graph is compiled for each. */
  buckets: count.default(6),
  /** Paths of parameters that stay as they are, with all that is below them: `["embedding", "blocks.0"]`. */
  freeze: z.array(z.string().min(1)).default([]),
  /** What each layer further from the output multiplies the rate by (`scaleByLayer`); 1: all learn alike. */
  layerDecay: z.number().positive().max(1).default(1),
  /**
   * Decay of a moving average of the parameters, such as 0.999, which validates and is saved in their place; `null`: none. It reaches
   * back about 1 / (1 - decay) steps.
   */
  average: z.number().positive().lt(1).nullable().default(null),
  /** Steps between evaluations, each of which saves a checkpoint; or `epoch`. */
  evaluateEvery: evaluationPeriod.default('epoch'),
};

/** Settings of training on examples. Every rate and period counts optimizer steps, unless it says otherwise. */
export const exampleTrainingSchema = z
  .strictObject(fields)
  .refine(lengthRule.holds, lengthRule.problem)
  .refine(({ batchSize, maxTokens }) => (batchSize === undefined) !== (maxTokens === undefined), {
    path: ['batchSize'],
    error: 'either batchSize or maxTokens says how large batches are, and not both',
  });

/** Settings as a person writes them. */
export type ExampleTrainingInput = z.input<typeof exampleTrainingSchema>;

/** Settings with every choice made, for any examples. */
export type ExampleTrainingChoices = z.output<typeof exampleTrainingSchema>;

/** Settings for certain examples. */
export interface ExampleTrainingSettings extends ExampleTrainingChoices, StepCounts {
  readonly steps: number;
  readonly evaluateEvery: number;
}

/** The shapes of batches and the settings for examples of these lengths. @throws {DataError} when there are none */
export function exampleSettingsFor(
  choices: ExampleTrainingChoices,
  lengths: ArrayLike<number>,
): { readonly settings: ExampleTrainingSettings; readonly buckets: Buckets } {
  const { batchSize, maxTokens, buckets: count } = choices;
  const buckets = bucketsFor(lengths, { batchSize, maxTokens, count });
  const stepsPerEpoch = Math.max(1, rowBatchesOnce(lengths, buckets).length);
  return { settings: { ...choices, ...stepCounts(choices, stepsPerEpoch) }, buckets };
}
