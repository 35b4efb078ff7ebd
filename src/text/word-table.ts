// A set of byte strings, each with an index. Knows nothing of text or tokens.

/**
 * Distinct words in the order of their first appearance, stored end to end in one buffer: about 20 bytes a word more
 * than its own bytes, and no limit on their number short of 4 GB of distinct words.
 */
export class WordTable {
  private bytes = new Uint8Array(1 << 16);
  /** Where each word ends in `bytes`; it starts where the one before ends. */
  private ends = new Uint32Array(1 << 10);
  /** Index + 1 of the word in each slot of the hash table; 0 where there is none. */
  private slots = new Uint32Array(1 << 11);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Sum of the lengths of all words. */
  get byteLength(): number {
    return this.end(this.count - 1);
  }

  /** The bytes of the word with this index; valid until the next `add`. */
  word(index: number): Uint8Array {
    return this.bytes.subarray(this.end(index - 1), this.end(index));
  }

  /** The index of the word `source[start, end)`, which is added when it is new. */
  add(source: Uint8Array, start: number, end: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(source, start, end) & mask;
    for (;;) {
      const index = (this.slots[slot] as number) - 1;
      if (index < 0) break;
      if (this.equals(index, source, start, end)) return index;
      slot = (slot + 1) & mask;
    }
    this.slots[slot] = this.count + 1;
    return this.append(source, start, end);
  }

  private end(index: number): number {
    return index < 0 ? 0 : (this.ends[index] as number);
  }

  private equals(index: number, source: Uint8Array, start: number, end: number): boolean {
    const at = this.end(index - 1);
    if (this.end(index) - at !== end - start) return false;
    for (let i = start; i < end; i++) if (this.bytes[at + i - start] !== source[i]) return false;
    return true;
  }

  private append(source: Uint8Array, start: number, end: number): number {
    const from = this.byteLength;
    const to = from + end - start;
    if (to > this.bytes.length) this.bytes = copyInto(new Uint8Array(2 * to), this.bytes);
    if (this.count === this.ends.length) this.ends = copyInto(new Uint32Array(2 * this.count), this.ends);
    for (let i = start; i < end; i++) this.bytes[from + i - start] = source[i] as number;
    this.ends[this.count++] = to;
    if (this.count * 2 > this.slots.length) this.rehash();
    return this.count - 1;
  }

  private rehash(): void {
    this.slots = new Uint32Array(this.slots.length * 2);
    const mask = this.slots.length - 1;
    for (let index = 0; index < this.count; index++) {
      let slot = hash(this.bytes, this.end(index - 1), this.end(index)) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = index + 1;
    }
  }
}

function copyInto<A extends Uint8Array | Uint32Array>(target: A, source: A): A {
  target.set(source);
  return target;
}

/** FNV-1a with a final mix, so that the low bits depend on every byte. */
function hash(source: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ (source[i] as number), 0x01000193);
  return h ^ (h >>> 15);
}
