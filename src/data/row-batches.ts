// Batches of rows of different lengths, put together by length so that little is padding. Knows nothing of what the ids mean.
import { ConfigError, DataError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import type { BatchPosition } from './batches.js';

/** The shapes that batches may have: few, because a graph is compiled for each. */
export interface Buckets {
  /** Lengths to which rows are padded, ascending: each row goes into the first that it fits into. */
  readonly lengths: readonly number[];
  /** Rows of a batch, for each length. */
  readonly batchSizes: readonly number[];
}

export interface BucketOptions {
  /** Rows of every batch; or ... */
  readonly batchSize?: number | undefined;
  /** ... padded tokens of every batch at most, so that short rows come in larger batches. One of the two. */
  readonly maxTokens?: number | undefined;
  /** How many lengths at most; 6 by default. */
  readonly count?: number | undefined;
  /** Lengths are multiples of this; 8 by default. */
  readonly multiple?: number | undefined;
  /** No length is above it, even if rows are; that of the longest row by default. */
  readonly maxLength?: number | undefined;
}

/**
 * The lengths that leave the least padding.
 * @throws {ConfigError} when not exactly one of batch size and tokens is given, or either is not positive
 */
export function bucketsFor(rowLengths: ArrayLike<number>, options: BucketOptions): Buckets {
  const { batchSize, maxTokens, count = 6, multiple = 8, maxLength = Infinity } = options;
  const size = batchSize ?? maxTokens ?? 0;
  if ((batchSize === undefined) === (maxTokens === undefined) || !(size >= 1)) {
    throw new ConfigError(
      'Give either the rows of a batch (batchSize) or its tokens (maxTokens), at least 1.',
    );
  }
  const counts = new Map<number, number>();
  for (const length of Array.from(rowLengths)) {
    const padded = Math.min(maxLength, Math.max(1, Math.ceil(length / multiple)) * multiple);
    counts.set(padded, (counts.get(padded) ?? 0) + 1);
  }
  const lengths = leastPadding(coarse([...counts], multiple), count);
  const batchSizes = lengths.map((length) => batchSize ?? Math.max(1, Math.floor(size / length)));
  return { lengths, batchSizes };
}

type LengthCount = readonly [length: number, rows: number];

/** Lengths that are told apart, so that choosing among them takes no time. */
const mostLengths = 256;

/** The lengths in ascending order, put together by rounding up more coarsely until there are not too many. */
function coarse(counts: readonly LengthCount[], multiple: number): LengthCount[] {
  if (counts.length <= mostLengths) return [...counts].sort(([a], [b]) => a - b);
  const longest = Math.max(...counts.map(([length]) => length));
  const merged = new Map<number, number>();
  for (const [length, rows] of counts) {
    const rounded = Math.min(longest, Math.ceil(length / (2 * multiple)) * 2 * multiple);
    merged.set(rounded, (merged.get(rounded) ?? 0) + rows);
  }
  return coarse([...merged], 2 * multiple);
}

/** The `count` lengths with which the rows, each padded to the next of them, have the fewest tokens: by dynamic programming. */
function leastPadding(counts: readonly LengthCount[], count: number): number[] {
  const rowsUpTo = [0];
  for (const [, rows] of counts) rowsUpTo.push((rowsUpTo.at(-1) ?? 0) + rows);
  // best[j]: the fewest tokens of the first j lengths, with the buckets that give them.
  let best: { tokens: number; chosen: readonly number[] }[] = counts.map(() => ({
    tokens: Infinity,
    chosen: [],
  }));
  best.unshift({ tokens: 0, chosen: [] });
  for (let used = 0; used < count; used++) {
    best = best.map((fewer, j) =>
      best.slice(0, j).reduce((least, { tokens, chosen }, i) => {
        const length = counts[j - 1]?.[0] ?? 0;
        const total = tokens + length * ((rowsUpTo[j] ?? 0) - (rowsUpTo[i] ?? 0));
        return total < least.tokens ? { tokens: total, chosen: [...chosen, length] } : least;
      }, fewer),
    );
  }
  return [...(best.at(-1)?.chosen ?? [])];
}

/** Which rows make a batch, and to which length they are padded. */
export interface RowBatch {
  /** Numbers of rows; fewer than `batchSize` where a bucket ends. */
  readonly rows: readonly number[];
  /** Rows of the tensors: those behind `rows` are padding. */
  readonly batchSize: number;
  readonly length: number;
}

export interface TrainingRowBatch extends RowBatch {
  /** Epochs completed when this batch begins, with the fraction of the current one. */
  readonly epoch: number;
  /** Where to go on after this batch: save this with the model that has learned from it. */
  readonly after: BatchPosition;
}

export interface RowBatchOptions {
  readonly buckets: Buckets;
  /** Decides the order, together with the epoch; nothing is drawn from it. */
  readonly random: Random;
  /** Where to begin; at the beginning by default. */
  readonly position?: BatchPosition | undefined;
}

/**
 * Endless batches for training: every epoch has every row once, in an order and in company that are drawn anew. From the same seed and the
 * same position comes the same sequence.
 *
 * @example
 * const buckets = bucketsFor(lengths, { maxTokens: 4096 });
 * const batches = new RowBatches(lengths, { buckets, random });
 * const batch = batches.next();
 * const { ids } = padRows(batch.rows.map((row) => source[row]), batch, padId);
 */
export class RowBatches {
  readonly #rowLengths: ArrayLike<number>;
  readonly #options: RowBatchOptions;
  #position: BatchPosition;
  #plan: readonly RowBatch[];

  /** @throws {DataError} when there is no row, one does not fit into any bucket, or the position does not exist */
  constructor(rowLengths: ArrayLike<number>, options: RowBatchOptions) {
    if (rowLengths.length === 0) throw new DataError('There are no rows to make batches of. Give some data.');
    this.#rowLengths = rowLengths;
    this.#options = options;
    this.#position = options.position ?? { epoch: 0, index: 0 };
    this.#plan = this.#planOf(this.#position.epoch);
    if (this.#position.index <= this.#plan.length) return;
    throw new DataError(
      `The saved place in the data is batch ${this.#position.index} of epoch ${this.#position.epoch}, which has only ${this.#plan.length}: the data or the batch size has changed. Resume with the same ones, or start a new run.`,
      { fields: { ...this.#position, batches: this.#plan.length } },
    );
  }

  next(): TrainingRowBatch {
    if (this.#position.index === this.#plan.length) {
      this.#position = { epoch: this.#position.epoch + 1, index: 0 };
      this.#plan = this.#planOf(this.#position.epoch);
    }
    const { epoch, index } = this.#position;
    const batch = this.#plan[index] as RowBatch;
    this.#position = { epoch, index: index + 1 };
    return { ...batch, epoch: epoch + index / this.#plan.length, after: this.#position };
  }

  /** Batches of the current epoch. */
  get batchesPerEpoch(): number {
    return this.#plan.length;
  }

  #planOf(epoch: number): readonly RowBatch[] {
    const random = this.#options.random.split('rows').split(epoch);
    const order = random.shuffle(Int32Array.from({ length: this.#rowLengths.length }, (_, row) => row));
    return random.shuffle(batchesOf(order, this.#rowLengths, this.#options.buckets));
  }
}

/** Batches that have every row once, the shortest first, for evaluation and prediction. @throws {DataError} when a row fits nowhere */
export function rowBatchesOnce(rowLengths: ArrayLike<number>, buckets: Buckets): RowBatch[] {
  const order = Int32Array.from({ length: rowLengths.length }, (_, row) => row);
  order.sort((a, b) => (rowLengths[a] as number) - (rowLengths[b] as number) || a - b);
  return batchesOf(order, rowLengths, buckets);
}

/** Rows in the given order into their buckets, a batch whenever one is full. */
function batchesOf(
  order: Int32Array,
  rowLengths: ArrayLike<number>,
  { lengths, batchSizes }: Buckets,
): RowBatch[] {
  const batches: RowBatch[] = [];
  const open = lengths.map((): number[] => []);
  const close = (bucket: number): void => {
    const [rows, length, batchSize] = [open[bucket], lengths[bucket], batchSizes[bucket]];
    if (rows === undefined || rows.length === 0 || length === undefined || batchSize === undefined) return;
    batches.push({ rows, length, batchSize });
    open[bucket] = [];
  };
  for (const row of order) {
    const bucket = lengths.findIndex((length) => (rowLengths[row] as number) <= length);
    if (bucket === -1) throw tooLong(row, rowLengths[row] as number, lengths.at(-1) ?? 0);
    if (open[bucket]?.push(row) === batchSizes[bucket]) close(bucket);
  }
  for (const bucket of lengths.keys()) close(bucket);
  return batches;
}

function tooLong(row: number, length: number, longest: number): DataError {
  return new DataError(
    `Row ${row + 1} has ${length} tokens, and there is room for ${longest}. Cut it into chunks, or allow longer rows.`,
    { fields: { row: row + 1, length, longest } },
  );
}

/** Rows as one tensor. */
export interface PaddedRows {
  /** int32 [batch, time] */
  readonly ids: TensorData;
  /** int32 [batch]: how many ids of each row are no padding; 0 for rows that only fill the batch. */
  readonly lengths: TensorData;
}

/** @param rows ids, at most `batchSize` rows of at most `length` each */
export function padRows(
  rows: readonly ArrayLike<number>[],
  { batchSize, length }: Pick<RowBatch, 'batchSize' | 'length'>,
  padId: number,
): PaddedRows {
  const ids = new Int32Array(batchSize * length).fill(padId);
  const lengths = new Int32Array(batchSize);
  rows.forEach((row, i) => {
    if (i >= batchSize || row.length > length) throw tooLong(i, row.length, length);
    ids.set(row, i * length);
    lengths[i] = row.length;
  });
  return {
    ids: new TensorData('int32', [batchSize, length], ids),
    lengths: new TensorData('int32', [batchSize], lengths),
  };
}
