// Learns merges from counted words, one at a time. Knows nothing of text, files or special tokens.
import { Heap } from './heap.js';
import type { Merge } from './merge-rules.js';
import { PairTable } from './pair-table.js';
import { BOUNDARY, TokenChain } from './token-chain.js';

/** Two adjacent tokens and where they are. */
interface Pair {
  readonly left: number;
  readonly right: number;
  /** How often the pair occurs now, weighted by the counts of the words. Only falls once the pair is in the queue. */
  count: number;
  /** The count by which the queue has sorted it in; corrected when the pair comes up. */
  queuedCount: number;
  /** Where it occurs, in ascending order; places where a token of it has been merged since are still listed. */
  positions: Int32Array | number[];
}

/** Distinct words as sequences of letters, each an id of the alphabet. */
export interface LetterWords {
  readonly size: number;
  /** Sum of the lengths of all words. */
  readonly totalLength: number;
  lettersOf(index: number): ArrayLike<number>;
}

interface LetterPair {
  left: number;
  right: number;
  readonly positions: Int32Array;
}

/** The most frequent pair first; of equally frequent ones that with the smaller ids. */
function comesBefore(a: Pair, b: Pair): boolean {
  if (a.queuedCount !== b.queuedCount) return a.queuedCount > b.queuedCount;
  return a.left !== b.left ? a.left < b.left : a.right < b.right;
}

/**
 * Byte pair encoding with incremental counts: a merge touches only the places where its pair occurs, so that the cost follows the
 * length of the distinct words, however long each is. Words are given as ids of an alphabet; the n-th merge (from 0) makes the token
 * `alphabetSize` + n. Source: Sennrich et al. 2016, algorithm 1; ties are broken as Hugging Face `tokenizers` breaks them.
 */
export class MergeLearner {
  private readonly counts: readonly number[];
  private readonly minimumCount: number;
  private readonly chain: TokenChain;
  /** Which word each slot of the chain belongs to. */
  private readonly wordAt: Int32Array;
  /** How many letters each token has, by id. */
  private readonly lengths: number[];
  private readonly pairs: Pair[] = [];
  private readonly pairIndex = new PairTable();
  private readonly queue = new Heap<Pair>(comesBefore);

  /**
   * @param counts how often each word occurs
   * @param alphabetSize letters have ids below it
   * @param minimumCount pairs that occur less often are not merged
   */
  constructor(words: LetterWords, counts: readonly number[], alphabetSize: number, minimumCount: number) {
    this.counts = counts;
    this.minimumCount = minimumCount;
    this.lengths = Array.from({ length: alphabetSize }, () => 1);
    const slots = new Int32Array(words.totalLength + words.size + 1).fill(BOUNDARY);
    this.wordAt = new Int32Array(slots.length);
    this.chain = new TokenChain(slots, this.lengths);
    for (let index = 0, at = 1; index < words.size; index++, at++) {
      const word = words.lettersOf(index);
      this.wordAt.fill(index, at, at + word.length);
      for (let i = 0; i < word.length; i++) slots[at++] = word[i] as number;
    }
    this.countLetterPairs(slots);
  }

  /** The next merge, carried out in all words; `undefined` when no pair is left that is frequent enough. */
  next(): Merge | undefined {
    for (let pair = this.queue.pop(); pair !== undefined; pair = this.queue.pop()) {
      if (pair.count === pair.queuedCount) return this.mergeEverywhere(pair);
      this.enqueue(pair);
    }
    return undefined;
  }

  private countLetterPairs(slots: Int32Array): void {
    for (const { left, right, positions } of letterPairs(slots)) {
      const pair = this.addPair(left, right, positions);
      for (const position of positions) pair.count += this.weightAt(position);
      this.enqueue(pair);
    }
  }

  private mergeEverywhere(pair: Pair): Merge {
    const { left, right, positions } = pair;
    const merged = this.lengths.length;
    this.lengths.push((this.lengths[left] as number) + (this.lengths[right] as number));
    const firstNewPair = this.pairs.length;
    for (const position of positions) {
      if (this.chain.holds(position, left, right)) this.mergeAt(position, left, right, merged);
    }
    pair.positions = [];
    // A pair with a new token cannot have existed before, and cannot become more frequent later.
    for (let i = firstNewPair; i < this.pairs.length; i++) this.enqueue(this.pairs[i] as Pair);
    return { left, right, merged };
  }

  private mergeAt(position: number, left: number, right: number, merged: number): void {
    const { chain } = this;
    const weight = this.weightAt(position);
    const previous = chain.previous(position);
    const before = chain.at(previous);
    chain.merge(position, merged);
    const after = chain.at(chain.next(position));
    if (before >= 0) {
      this.removeOccurrence(before, left, weight);
      this.addOccurrence(before, merged, weight, previous);
    }
    if (after >= 0) {
      this.removeOccurrence(right, after, weight);
      this.addOccurrence(merged, after, weight, position);
    }
  }

  private weightAt(position: number): number {
    return this.counts[this.wordAt[position] as number] as number;
  }

  private findPair(left: number, right: number): Pair | undefined {
    const index = this.pairIndex.get(left, right);
    return index < 0 ? undefined : this.pairs[index];
  }

  private addPair(left: number, right: number, positions: Int32Array | number[]): Pair {
    const pair = { left, right, count: 0, queuedCount: 0, positions };
    this.pairIndex.set(left, right, this.pairs.length);
    this.pairs.push(pair);
    return pair;
  }

  private addOccurrence(left: number, right: number, weight: number, position: number): void {
    const pair = this.findPair(left, right) ?? this.addPair(left, right, []);
    pair.count += weight;
    (pair.positions as number[]).push(position);
  }

  private removeOccurrence(left: number, right: number, weight: number): void {
    const pair = this.findPair(left, right);
    if (pair !== undefined) pair.count -= weight;
  }

  private enqueue(pair: Pair): void {
    pair.queuedCount = pair.count;
    if (pair.count >= this.minimumCount) this.queue.push(pair);
    else pair.positions = [];
  }
}

/** Where each pair of letters occurs, in ascending order. Counted first, so that nothing has to grow. */
function letterPairs(slots: Int32Array): LetterPair[] {
  const indices = new PairTable(slots.length >> 6);
  const sizes: number[] = [];
  const eachPair = (visit: (left: number, right: number, position: number) => void): void => {
    for (let i = 1; i < slots.length; i++) {
      const [left, right] = [slots[i - 1] as number, slots[i] as number];
      if (left !== BOUNDARY && right !== BOUNDARY) visit(left, right, i - 1);
    }
  };
  eachPair((left, right) => {
    const index = indices.get(left, right);
    if (index < 0) indices.set(left, right, sizes.push(1) - 1);
    else sizes[index] = (sizes[index] as number) + 1;
  });
  const pairs = sizes.map((size): LetterPair => ({ left: 0, right: 0, positions: new Int32Array(size) }));
  const filled = new Uint32Array(sizes.length);
  eachPair((left, right, position) => {
    const index = indices.get(left, right);
    const pair = pairs[index] as LetterPair;
    [pair.left, pair.right] = [left, right];
    pair.positions[filled[index] as number] = position;
    filled[index] = (filled[index] as number) + 1;
  });
  return pairs;
}
