// Blocks of tokens and the orders in which they are visited. Knows nothing of batches or models.
import { DataError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { permutation } from './permutation.js';

/**
 * `shuffled`: an epoch visits non-overlapping blocks once each, in an order and from a first token that are drawn anew every epoch.
 * `random`: blocks start anywhere, drawn with replacement (nanoGPT's recipe); an epoch is as many blocks as would fit.
 * `sequential`: each row of a batch walks through a stretch of the text of its own, block after block, so that what a model
 * remembers can be carried from batch to batch (Zaremba et al. 2014); tokens that do not fill a block of every row are left out.
 */
export type BlockOrderName = 'shuffled' | 'random' | 'sequential';

export const blockOrderNames: readonly BlockOrderName[] = ['shuffled', 'random', 'sequential'];

/** A text as training cuts it. */
export interface Blocks {
  /** Tokens of the text. */
  readonly count: number;
  readonly blockLength: number;
  /** Rows of a batch. */
  readonly rows: number;
}

/** Blocks of an epoch; those of a `shuffled` one can be one fewer. */
export function blocksPerEpoch(name: BlockOrderName, { count, blockLength, rows }: Blocks): number {
  const blocks = Math.floor((count - 1) / blockLength);
  return name === 'sequential' ? blocks - (blocks % rows) : blocks;
}

/** The blocks of one epoch. A pure function of the seed and the epoch, so that a position is two numbers. */
export interface EpochOrder {
  /** Blocks in this epoch. */
  readonly count: number;
  /** First token of the `index`-th block. */
  startOf(index: number): number;
}

/**
 * The order of blocks of `blockLength` inputs in `count` tokens. A block needs one token more, its last target.
 *
 * @throws {DataError} when there are too few tokens for one block, or in sequential order for one block of each row
 */
export function epochOrder(name: BlockOrderName, blocks: Blocks, epoch: number, random: Random): EpochOrder {
  requireBlocks(name, blocks);
  if (name === 'sequential') return sequentialOrder(blocks);
  const { count, blockLength } = blocks;
  const stream = random.split(name).split(epoch);
  const starts = count - blockLength;
  if (name === 'random') {
    return { count: blocksPerEpoch(name, blocks), startOf: (index) => stream.split(index).integer(starts) };
  }
  const phase = stream.integer(Math.min(blockLength, starts));
  const inPhase = blocksPerEpoch(name, { ...blocks, count: count - phase });
  const place = permutation(inPhase, stream);
  return { count: inPhase, startOf: (index) => phase + place(index) * blockLength };
}

/** Index by index, the rows take turns; every epoch is the same. */
function sequentialOrder(blocks: Blocks): EpochOrder {
  const { rows, blockLength } = blocks;
  const count = blocksPerEpoch('sequential', blocks);
  const startOf = (index: number): number => {
    const row = index % rows;
    return ((row * count) / rows + Math.floor(index / rows)) * blockLength;
  };
  return { count, startOf };
}

/** @throws {DataError} when not even one block and its last target fit, or in sequential order not one for each row */
export function requireBlocks(name: BlockOrderName, { count, blockLength, rows: all }: Blocks): void {
  const rows = name === 'sequential' ? all : 1;
  const needed = rows * blockLength + 1;
  if (count >= needed) return;
  const largest = Math.floor((count - 1) / rows);
  const remedy =
    largest < 1 ? 'Give more text.' : `Give more text, or use a block length of at most ${largest}.`;
  const block = `a block of length ${blockLength}`;
  const what = rows === 1 ? `${block} needs` : `${block} for each of ${rows} rows needs`;
  throw new DataError(
    `The text has ${count} tokens, and ${what} ${needed} (its last target is one further). ${remedy}`,
    { fields: { tokens: count, blockLength, rows } },
  );
}
