// Applies learned merges to one word, the earliest learned first. Knows nothing of text.
import { Heap } from './heap.js';
import { PairTable } from './pair-table.js';
import { BOUNDARY, TokenChain } from './token-chain.js';

/** Tokens `left` and `right` become `merged`. */
export interface Merge {
  readonly left: number;
  readonly right: number;
  readonly merged: number;
}

/** Words up to this many bytes are merged by looking for the best pair each time, which is faster than a queue. */
const SHORT_WORD_BYTES = 100;

/** Positions are below 2^31 and ranks below 2^22, so that both fit in one number that orders by rank and then by position. */
const POSITIONS = 2 ** 31;

/** The rank of a pair that was not learned. */
const NEVER = 2 ** 31 - 1;

/** Byte pair encoding of a word by an ordered list of merges, in O(length log length). */
export class MergeRules {
  private readonly merges: readonly Merge[];
  private readonly ranks: PairTable;
  private readonly lengths: ArrayLike<number>;

  /** @param lengths how many bytes each token has, by id */
  constructor(merges: readonly Merge[], lengths: ArrayLike<number>) {
    this.merges = merges;
    this.lengths = lengths;
    this.ranks = new PairTable(merges.length);
    merges.forEach(({ left, right }, rank) => this.ranks.set(left, right, rank));
  }

  /** The tokens of a word given as one id for each of its bytes. */
  apply(byteIds: readonly number[]): number[] {
    return byteIds.length <= SHORT_WORD_BYTES ? this.mergeBySearch(byteIds) : this.mergeByQueue(byteIds);
  }

  private mergeBySearch(byteIds: readonly number[]): number[] {
    const tokens = [...byteIds];
    const ranks = tokens.map((token, i) => this.rankOf(token, tokens[i + 1]));
    for (;;) {
      const at = indexOfSmallest(ranks);
      const merge = this.merges[ranks[at] ?? NEVER];
      if (merge === undefined) return tokens;
      removeAt(tokens, at + 1);
      removeAt(ranks, at);
      tokens[at] = merge.merged;
      ranks[at] = this.rankOf(merge.merged, tokens[at + 1]);
      if (at > 0) ranks[at - 1] = this.rankOf(tokens[at - 1], merge.merged);
    }
  }

  private mergeByQueue(byteIds: readonly number[]): number[] {
    const slots = new Int32Array(byteIds.length + 2).fill(BOUNDARY);
    slots.set(byteIds, 1);
    const chain = new TokenChain(slots, this.lengths);
    const queue = new Heap<number>((a, b) => a < b);
    for (let position = 1; position <= byteIds.length; position++) this.enqueue(queue, chain, position);
    for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
      const position = entry % POSITIONS;
      const { left, right, merged } = this.merges[(entry - position) / POSITIONS] as Merge;
      // Its tokens may have become part of others since it was queued.
      if (!chain.holds(position, left, right)) continue;
      chain.merge(position, merged);
      this.enqueue(queue, chain, chain.previous(position));
      this.enqueue(queue, chain, position);
    }
    const tokens: number[] = [];
    for (let at = 1; chain.at(at) >= 0; at = chain.next(at)) tokens.push(chain.at(at));
    return tokens;
  }

  private enqueue(queue: Heap<number>, chain: TokenChain, position: number): void {
    const left = chain.at(position);
    if (left < 0) return;
    const rank = this.rankOf(left, chain.at(chain.next(position)));
    if (rank < NEVER) queue.push(rank * POSITIONS + position);
  }

  /** When a pair was learned, or NEVER when it was not. */
  private rankOf(left: number | undefined, right: number | undefined): number {
    if (left === undefined || right === undefined || right < 0) return NEVER;
    const rank = this.ranks.get(left, right);
    return rank < 0 ? NEVER : rank;
  }
}

/** The first place of the smallest number. */
function indexOfSmallest(numbers: readonly number[]): number {
  let best = 0;
  for (let i = 1; i < numbers.length; i++) if ((numbers[i] as number) < (numbers[best] as number)) best = i;
  return best;
}

/** Removes one item in place. */
function removeAt(numbers: number[], index: number): void {
  for (let i = index + 1; i < numbers.length; i++) numbers[i - 1] = numbers[i] as number;
  numbers.pop();
}
