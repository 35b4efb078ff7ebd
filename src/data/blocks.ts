// Blocks of tokens and the orders in which they are visited. Knows nothing of batches or models.
import { DataError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { permutation } from './permutation.js';

/**
 * `shuffled`: an epoch visits non-overlapping blocks once each, in an order and from a first token that are drawn anew every epoch.
 * `random`: blocks start anywhere, drawn with replacement (nanoGPT's recipe); an epoch is as many blocks as would fit.
 */
export type BlockOrderName = 'shuffled' | 'random';

export const blockOrderNames: readonly BlockOrderName[] = ['shuffled', 'random'];

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
 * @throws {DataError} when there are too few tokens for one block
 */
export function epochOrder(
  name: BlockOrderName,
  count: number,
  blockLength: number,
  epoch: number,
  random: Random,
): EpochOrder {
  requireBlock(count, blockLength);
  const stream = random.split(name).split(epoch);
  const starts = count - blockLength;
  if (name === 'random') {
    return {
      count: Math.floor((count - 1) / blockLength),
      startOf: (index) => stream.split(index).integer(starts),
    };
  }
  const phase = stream.integer(Math.min(blockLength, starts));
  const blocks = Math.floor((count - 1 - phase) / blockLength);
  const place = permutation(blocks, stream);
  return { count: blocks, startOf: (index) => phase + place(index) * blockLength };
}

/** @throws {DataError} when not even one block and its last target fit */
export function requireBlock(count: number, blockLength: number): void {
  if (count > blockLength) return;
  const remedy =
    count < 2 ? 'Give more text.' : `Give more text, or use a block length of at most ${count - 1}.`;
  throw new DataError(
    `The text has ${count} tokens, and a block of length ${blockLength} needs ${blockLength + 1} (its last target is one further). ${remedy}`,
    { fields: { tokens: count, blockLength } },
  );
}
