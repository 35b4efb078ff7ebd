// `mneme bench segment`: whether a memory of earlier segments lowers the loss at equal compute, and a longer one more, trained
// with it or read with it.
import type { SavedLanguageModel } from '../../tasks/language-model/load.js';
import type { DataChoice } from '../../tasks/language-model/open-texts.js';
import type { LanguageModelJob } from '../../tasks/language-model/train.js';
import type { RecipeInput } from '../../tasks/language-model/recipe.js';
import { holdsRun } from '../../checkpoint/index.js';
import { evaluateValidation } from '../../tasks/language-model/evaluate.js';
import { LanguageModel } from '../../models/index.js';
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
  /** Each arm is also read with these lengths. */
  readonly readLengths: readonly number[];
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
  /**
   * Validation loss of the same weights by the memory that they read with: positions are relative, so that a model can be
   * read with another length than it was trained with (Dai et al. 2019, section 4.3). What was computed in training is the
   * same to the last operation.
   */
  readonly lossByReadLength: Readonly<Record<string, number>>;
}

export interface SegmentReport {
  readonly segmentLength: number;
  readonly arms: readonly SegmentArm[];
  /** Whether each longer memory has a lower loss when trained with; `null` when not all arms were trained. */
  readonly lowerWithLongerMemory: boolean | null;
  /** Whether the arm with the shortest memory has a lower loss with each longer one it is read with; `null` without one. */
  readonly lowerWhenReadWithLonger: boolean | null;
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
    const lossByReadLength: Record<string, number> = {};
    for (const length of ascending(options.readLengths)) {
      const reading = length === memoryLength ? saved : readWith(saved, length);
      lossByReadLength[length] =
        reading === saved ? loss : (await evaluateValidation(job.files, job.runtime, reading)).loss;
    }
    const teraflops = rounded((steps * flopsPerStep(memoryLength, segmentLength)) / 1e12, 4);
    arms.push({
      memoryLength,
      steps,
      teraflops,
      validationLoss: loss,
      perplexity,
      seconds: Math.round(seconds),
      lossByReadLength,
    });
  }
  const isComplete = arms.length === memoryLengths.length;
  const [shortest] = arms.filter(({ memoryLength }) => memoryLength > 0).sort(byMemory);
  const read = ascending(options.readLengths).filter(
    (length) => length >= (shortest?.memoryLength ?? Infinity),
  );
  return {
    segmentLength,
    arms,
    lowerWithLongerMemory: isComplete
      ? falls([...arms].sort(byMemory).map(({ validationLoss }) => validationLoss))
      : null,
    lowerWhenReadWithLonger:
      shortest && read.length > 1
        ? falls(read.map((length) => shortest.lossByReadLength[length] ?? NaN))
        : null,
  };
}

function byMemory(a: SegmentArm, b: SegmentArm): number {
  return a.memoryLength - b.memoryLength;
}

function ascending(lengths: readonly number[]): number[] {
  return [...lengths].sort((a, b) => a - b);
}

/** Whether each number is below the one before it. */
function falls(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value < (values[i - 1] ?? NaN));
}

/** The same weights with another memory. */
function readWith(saved: SavedLanguageModel, memoryLength: number): SavedLanguageModel {
  const { config } = saved.model;
  const memory = config.memory.map((own) => ({ ...own, memoryLength }));
  return { ...saved, model: new LanguageModel({ ...config, memory }) };
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
