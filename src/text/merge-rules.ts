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
  private readonly byteIds: Int32Array;
  private readonly lengths: ArrayLike<number>;
  private readonly ranks: PairTable;
  /** The ranks of pairs of bytes, `first * 256 + second`: most pairs that are looked up. */
  private readonly byteRanks: Int32Array;
  /** The tokens of a short word while it is merged, and the rank of each with the one after it. */
  private readonly tokens = new Int32Array(SHORT_WORD_BYTES);
  private readonly tokenRanks = new Int32Array(SHORT_WORD_BYTES);

  /** @param byteIds the id of each byte, or -1 @param lengths how many bytes each token has, by id */
  constructor(merges: readonly Merge[], byteIds: Int32Array, lengths: ArrayLike<number>) {
    this.merges = merges;
    this.byteIds = byteIds;
    this.lengths = lengths;
    this.ranks = new PairTable(merges.length);
    merges.forEach(({ left, right }, rank) => this.ranks.set(left, right, rank));
    this.byteRanks = Int32Array.from({ length: 1 << 16 }, (_, pair) =>
      this.rankOf(byteIds[pair >> 8] as number, byteIds[pair & 0xff] as number),
    );
  }

  /** The tokens of a word, all of whose bytes must have ids. */
  apply(word: Uint8Array): number[] {
    return word.length <= SHORT_WORD_BYTES ? this.mergeBySearch(word) : this.mergeByQueue(word);
  }

  private mergeBySearch(word: Uint8Array): number[] {
    const { tokens, tokenRanks } = this;
    let last = word.length - 1;
    for (let i = 0; i <= last; i++) {
      tokens[i] = this.byteIds[word[i] as number] as number;
      tokenRanks[i] =
        i < last ? (this.byteRanks[((word[i] as number) << 8) | (word[i + 1] as number)] as number) : NEVER;
    }
    for (;;) {
      let at = 0;
      for (let i = 1; i < last; i++) if ((tokenRanks[i] as number) < (tokenRanks[at] as number)) at = i;
      const rank = tokenRanks[at] as number;
      if (rank === NEVER) break;
      for (let i = at + 1; i < last; i++) {
        tokens[i] = tokens[i + 1] as number;
        tokenRanks[i] = tokenRanks[i + 1] as number;
      }
      last--;
      const { merged } = this.merges[rank] as Merge;
      tokens[at] = merged;
      tokenRanks[at] = at < last ? this.rankOf(merged, tokens[at + 1] as number) : NEVER;
      if (at > 0) tokenRanks[at - 1] = this.rankOf(tokens[at - 1] as number, merged);
    }
    const result: number[] = [];
    for (let i = 0; i <= last; i++) result.push(tokens[i] as number);
    return result;
  }

  private mergeByQueue(word: Uint8Array): number[] {
    const slots = new Int32Array(word.length + 2).fill(BOUNDARY);
    word.forEach((byte, i) => (slots[i + 1] = this.byteIds[byte] as number));
    const chain = new TokenChain(slots, this.lengths);
    const queue = new Heap<number>((a, b) => a < b);
    for (let position = 1; position <= word.length; position++) this.enqueue(queue, chain, position);
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
    if (rank !== NEVER) queue.push(rank * POSITIONS + position);
  }

  /** When a pair was learned, or NEVER. */
  private rankOf(left: number, right: number): number {
    if (left < 0 || right < 0) return NEVER;
    const rank = this.ranks.get(left, right);
    return rank < 0 ? NEVER : rank;
  }
}
