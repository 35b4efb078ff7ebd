// A hash table from pairs of token ids to numbers. Knows nothing of what the numbers mean.
import { mix32 } from '../core/random.js';

const WORDS_PER_ENTRY = 3;

/** Open addressing over one Int32Array of [left, right, value] entries; several times faster than a Map with joined keys. */
export class PairTable {
  private entries: Int32Array;
  private mask: number;
  private size = 0;

  constructor(expectedSize = 0) {
    const capacity = 1 << Math.max(4, 32 - Math.clz32(expectedSize * 2));
    this.entries = new Int32Array(capacity * WORDS_PER_ENTRY).fill(-1);
    this.mask = capacity - 1;
  }

  /** The value of a pair of ids, or -1. */
  get(left: number, right: number): number {
    return this.entries[this.find(left, right) + 2] as number;
  }

  /** Sets the value, an integer that is not negative. */
  set(left: number, right: number, value: number): void {
    const at = this.find(left, right);
    if (this.entries[at] === -1) this.size++;
    this.entries[at] = left;
    this.entries[at + 1] = right;
    this.entries[at + 2] = value;
    if (this.size * 2 > this.mask) this.grow();
  }

  /** Where the pair is, or the free entry where it belongs. */
  private find(left: number, right: number): number {
    const { entries, mask } = this;
    let slot = mix32(Math.imul(left, 0x9e3779b1) + right) & mask;
    for (;;) {
      const at = slot * WORDS_PER_ENTRY;
      const found = entries[at];
      if (found === -1 || (found === left && entries[at + 1] === right)) return at;
      slot = (slot + 1) & mask;
    }
  }

  private grow(): void {
    const old = this.entries;
    this.entries = new Int32Array(old.length * 2).fill(-1);
    this.mask = this.mask * 2 + 1;
    for (let at = 0; at < old.length; at += WORDS_PER_ENTRY) {
      if (old[at] === -1) continue;
      this.entries.set(
        old.subarray(at, at + WORDS_PER_ENTRY),
        this.find(old[at] as number, old[at + 1] as number),
      );
    }
  }
}
