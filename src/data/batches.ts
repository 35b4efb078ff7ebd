// Batches of blocks, for training in a seeded order and for evaluation of every target. Knows nothing of models.
import { DataError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import type { BlockOrderName, EpochOrder } from './blocks.js';
import { epochOrder } from './blocks.js';
import type { Tokens } from './tokens.js';

/** The target of a place that does not count (nanoGPT's `ignore_index`); the input there is 0. */
export const ignoredTarget = -1;

/** Rows of `time` inputs and, for each, the token that follows it: `targets[b, t]` comes after `inputs[b, t]`. */
export interface Batch {
  /** int32 [batch, time] */
  readonly inputs: TensorData;
  /** int32 [batch, time]; `ignoredTarget` where nothing is to be predicted. */
  readonly targets: TensorData;
  /** Targets that are not ignored. */
  readonly targetCount: number;
}

/** Where training stands in its data, as plain data: the epoch, and how many of its blocks were taken. */
export interface BatchPosition {
  readonly epoch: number;
  readonly index: number;
}

export interface TrainingBatch extends Batch {
  /** Epochs completed when this batch begins, with the fraction of the current one. */
  readonly epoch: number;
  /** Whether an epoch begins with this batch. In sequential order no batch has blocks of two epochs. */
  readonly beginsEpoch: boolean;
  /** Where to go on after this batch: save this with the model that has learned from it. */
  readonly after: BatchPosition;
}

export interface BatchSize {
  readonly batchSize: number;
  readonly blockLength: number;
}

export interface TrainingBatchOptions extends BatchSize {
  readonly order: BlockOrderName;
  /** Decides the order, together with the epoch; nothing is drawn from it, so that it may serve others too. */
  readonly random: Random;
  /** Where to begin; at the beginning by default. */
  readonly position?: BatchPosition;
}

/**
 * Endless batches for training. From the same seed and the same position comes the same sequence, bit for bit. Every
 * batch is full: at the end of an epoch it goes on into the next one. `next` may be called before the last one is used.
 *
 * @example
 * const batches = new TrainingBatches(train, { batchSize: 8, blockLength: 256, order: 'shuffled', random });
 * const { inputs, targets, after } = await batches.next();
 */
export class TrainingBatches {
  readonly #tokens: Tokens;
  readonly #options: TrainingBatchOptions;
  #order: EpochOrder;
  #position: BatchPosition;

  /**
   * @throws {DataError} when there are too few tokens for one block, or the position does not exist in these tokens
   */
  constructor(tokens: Tokens, options: TrainingBatchOptions) {
    this.#tokens = tokens;
    this.#options = options;
    this.#position = options.position ?? { epoch: 0, index: 0 };
    this.#order = this.#orderOf(this.#position.epoch);
    if (this.#position.index > this.#order.count) throw unknownPosition(this.#position, this.#order.count);
  }

  async next(): Promise<TrainingBatch> {
    const { index } = this.#position;
    const epoch = this.#position.epoch + index / this.#order.count;
    const beginsEpoch = index === 0 || index === this.#order.count;
    const starts = Array.from({ length: this.#options.batchSize }, () => this.#nextStart());
    const after = this.#position;
    return { ...(await readBatch(this.#tokens, starts, this.#options)), epoch, beginsEpoch, after };
  }

  #nextStart(): number {
    const { epoch, index } = this.#position;
    if (index < this.#order.count) {
      this.#position = { epoch, index: index + 1 };
      return this.#order.startOf(index);
    }
    this.#position = { epoch: epoch + 1, index: 0 };
    this.#order = this.#orderOf(epoch + 1);
    return this.#nextStart();
  }

  #orderOf(epoch: number): EpochOrder {
    const { order, blockLength, batchSize: rows, random } = this.#options;
    return epochOrder(order, { count: this.#tokens.count, blockLength, rows }, epoch, random);
  }
}

/** How many batches `evaluationBatches` gives. */
export function evaluationBatchCount(count: number, { batchSize, blockLength }: BatchSize): number {
  return Math.ceil((count - 1) / (batchSize * blockLength));
}

/**
 * Every token but the first is a target exactly once, in order. All batches have the same shape: what lies behind
 * the end has ignored targets, so that the sum of losses over the sum of `targetCount` is exact per token.
 *
 * @throws {DataError} when there are fewer than two tokens
 */
export async function* evaluationBatches(tokens: Tokens, size: BatchSize): AsyncGenerator<Batch> {
  requirePair(tokens);
  const step = size.batchSize * size.blockLength;
  for (let first = 0; first < tokens.count - 1; first += step)
    yield readBatch(tokens, rowStarts(size, first, size.blockLength), size);
}

/** Tokens that each row of `streamBatches` reads, the last row perhaps fewer. */
export function streamLength(count: number, { batchSize, blockLength }: BatchSize): number {
  return evaluationBatchCount(count, { batchSize, blockLength }) * blockLength;
}

/**
 * The targets of `evaluationBatches`, for a model that carries its memory from batch to batch: row r reads the r-th of
 * `batchSize` stretches of the text, block after block. The first target of a row is predicted from one token, every other
 * one from all of its stretch that precedes it; with a single row, from all of the text that precedes it.
 *
 * @throws {DataError} when there are fewer than two tokens
 */
export async function* streamBatches(tokens: Tokens, size: BatchSize): AsyncGenerator<Batch> {
  requirePair(tokens);
  const length = streamLength(tokens.count, size);
  for (let first = 0; first < length; first += size.blockLength)
    yield readBatch(tokens, rowStarts(size, first, length), size);
}

/** Where the rows of a batch begin. */
function rowStarts({ batchSize }: BatchSize, first: number, apart: number): number[] {
  return Array.from({ length: batchSize }, (_, row) => first + row * apart);
}

/** @throws {DataError} when there is nothing to predict */
function requirePair(tokens: Tokens): void {
  if (tokens.count < 2) {
    throw new DataError(
      `The text to evaluate has ${tokens.count} tokens, and at least 2 are needed: one to read and one to predict. Give more text.`,
      { fields: { tokens: tokens.count } },
    );
  }
}

async function readBatch(
  tokens: Tokens,
  starts: readonly number[],
  { blockLength }: BatchSize,
): Promise<Batch> {
  const shape = [starts.length, blockLength];
  const inputs = new Int32Array(starts.length * blockLength);
  const targets = new Int32Array(starts.length * blockLength).fill(ignoredTarget);
  const lengths = starts.map((start) => Math.max(0, Math.min(blockLength, tokens.count - 1 - start)));
  const readRow = async (start: number, row: number): Promise<void> => {
    const length = lengths[row] ?? 0;
    if (length === 0) return;
    const ids = new Int32Array(length + 1);
    await tokens.read(start, ids);
    inputs.set(ids.subarray(0, length), row * blockLength);
    targets.set(ids.subarray(1), row * blockLength);
  };
  await Promise.all(starts.map(readRow));
  return {
    inputs: new TensorData('int32', shape, inputs),
    targets: new TensorData('int32', shape, targets),
    targetCount: lengths.reduce((sum, length) => sum + length, 0),
  };
}

function unknownPosition({ epoch, index }: BatchPosition, blocks: number): DataError {
  return new DataError(
    `The saved place in the data is block ${index} of epoch ${epoch}, which has only ${blocks} blocks: the data or the block length has changed. Resume with the same ones, or start a new run.`,
    { fields: { epoch, index, blocks } },
  );
}
