// `mneme bench segment`: whether a memory of earlier segments lowers the loss at equal compute, and a longer one more.
import type { DataChoice } from '../../tasks/language-model/open-texts.js';
import type { LanguageModelJob } from '../../tasks/language-model/train.js';
import type { RecipeInput } from '../../tasks/language-model/recipe.js';
import { holdsRun } from '../../checkpoint/index.js';
import { evaluateValidation } from '../../tasks/language-model/evaluate.js';
import { loadLanguageModel } from '../../tasks/language-model/load.js';
import { resumeLanguageModel, trainLanguageModel } from '../../tasks/language-model/train.js';
import { rounded } from './measure.js';

export interface SegmentBenchOptions {
  /** Tokens of memory of each arm; 0: none. */
  readonly memoryLengths: readonly number[];
  readonly segmentLength: number;
  /** Steps of the arm that computes most in a step; the others do more, so that all compute the same. */
  readonly steps: number;
  readonly seed: number;
  readonly onArm?: (memoryLength: number, steps: number) => void;
}

export interface SegmentArm {
  readonly memoryLength: number;
  readonly steps: number;
  /** Floating-point operations of the whole training, from the sizes of the products. */
  readonly teraflops: number;
  /** Over all of the validation text, in nats per character. */
  readonly validationLoss: number;
  readonly perplexity: number;
  readonly seconds: number;
}

export interface SegmentReport {
  readonly segmentLength: number;
  readonly arms: readonly SegmentArm[];
  /** Whether each longer memory has a lower loss; `null` when not all arms were trained. */
  readonly lowerWithLongerMemory: boolean | null;
}

const model = { width: 128, layers: 3, heads: 4, bias: false, tiedHead: true } as const;
const batchSize = 16;
const segmentsPerBlock = 2;
/** Characters of a language with an alphabet; only for counting. */
const vocabularySize = 100;

/** Trains one model for each length, into folders below `folder`; what is there already goes on. */
export async function benchSegment(
  { folder, ...job }: LanguageModelJob,
  data: DataChoice,
  options: SegmentBenchOptions,
): Promise<SegmentReport> {
  const { memoryLengths, segmentLength, onArm } = options;
  const arms: SegmentArm[] = [];
  for (const memoryLength of memoryLengths) {
    const steps = stepsOf(memoryLength, options);
    onArm?.(memoryLength, steps);
    const own = { ...job, folder: `${folder}/memory-${memoryLength}` };
    const began = performance.now();
    if (await holdsRun(job.files, own.folder)) await resumeLanguageModel(own, { steps });
    else await trainLanguageModel(own, recipeOf(memoryLength, steps, options), data);
    const seconds = (performance.now() - began) / 1000;
    if (job.signal?.aborted) break;
    const saved = await loadLanguageModel(job.files, own.folder, 'last');
    const { loss, perplexity } = await evaluateValidation(job.files, job.runtime, saved);
    const teraflops = rounded((steps * flopsPerStep(memoryLength, segmentLength)) / 1e12, 4);
    arms.push({
      memoryLength,
      steps,
      teraflops,
      validationLoss: loss,
      perplexity,
      seconds: Math.round(seconds),
    });
  }
  const isLower = ({ validationLoss }: SegmentArm, i: number): boolean =>
    i === 0 || validationLoss < (arms[i - 1]?.validationLoss ?? NaN);
  const lowerWithLongerMemory = arms.length === memoryLengths.length ? arms.every(isLower) : null;
  return { segmentLength, arms, lowerWithLongerMemory };
}

/**
 * Operations of a training step, three times those of its forward products: queries and outputs, keys and values of the
 * segment and of its memory, scores by content and by distance and weighted sums, feed-forward layer, head.
 */
function flopsPerStep(memoryLength: number, segmentLength: number): number {
  const { width, layers } = model;
  const seen = segmentLength + memoryLength;
  const projections = 4 * width ** 2 + (4 * width ** 2 * seen) / segmentLength;
  const block = projections + 6 * seen * width + 16 * width ** 2;
  const perToken = 3 * (layers * block + 2 * width * vocabularySize);
  return batchSize * segmentsPerBlock * segmentLength * perToken;
}

function stepsOf(memoryLength: number, { memoryLengths, segmentLength, steps }: SegmentBenchOptions): number {
  const most = Math.max(...memoryLengths.map((length) => flopsPerStep(length, segmentLength)));
  return Math.round((steps * most) / flopsPerStep(memoryLength, segmentLength));
}

function recipeOf(
  memoryLength: number,
  steps: number,
  { segmentLength, seed }: SegmentBenchOptions,
): RecipeInput {
  return {
    tokenizer: { kind: 'character', unknownToken: '\uFFFD' },
    model: {
      ...model,
      memory: { kind: 'segment', segmentLength, memoryLength },
      maxLength: segmentsPerBlock * segmentLength,
      position: 'none',
    },
    training: {
      steps,
      batchSize,
      order: 'sequential',
      carryState: true,
      learningRate: 2e-3,
      minimumLearningRate: 2e-4,
      warmUpSteps: Math.floor(steps / 20),
      weightDecay: 0.1,
      evaluateEvery: Math.ceil(steps / 4),
      evaluationBatches: 50,
      evaluationBatchSize: 16,
      seed,
    },
  };
}
