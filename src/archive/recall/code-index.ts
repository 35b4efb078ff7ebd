// The vectors of one user in memory, compared by their signs first and in full after. Knows nothing of databases.
import { topIndexes } from '../top.js';
import type { Codes } from '../vector-codes.js';
import type { CodeBlocks, CodeQuery } from './code-blocks.js';
import { rowsOfBlock } from './code-blocks.js';

/** So many are all compared in full; of more, those whose signs agree best with the question's. */
const fewestBySigns = 4096;
/** The share, and the least multiple of what is asked for, that is compared in full. */
const comparedShare = 0.05;
const comparedMultiple = 20;

/** Blocks from which it is estimated how well signs agree. */
const sampledBlocks = 32;

export interface CodeHit {
  readonly ordinal: number;
  /** Cosine of the angle to the question, up to the rounding of the codes. */
  readonly similarity: number;
}

/**
 * Exact up to the rounding of the codes for some thousand vectors. Beyond, a twentieth is compared in full: those with the
 * fewest signs that differ from the question's. That share estimates the angle, as in Charikar, "Similarity Estimation
 * Techniques from Rounding Algorithms", STOC 2002, section 3.
 */
export class CodeIndex {
  readonly #memory: CodeBlocks;
  readonly #blocks: number[] = [];
  #count = 0;
  /** Rising. */
  #ordinals = new Int32Array(0);
  #scales = new Float32Array(0);

  constructor(memory: CodeBlocks) {
    this.#memory = memory;
  }

  get heldBytes(): number {
    return (
      this.#blocks.length * this.#memory.blockBytes + this.#ordinals.byteLength + this.#scales.byteLength
    );
  }

  /** Number of vectors. */
  get size(): number {
    return this.#count;
  }

  /** @param ordinals rising, all above those there are */
  add(ordinals: ArrayLike<number>, { scales, bytes }: Codes): void {
    const { dimension } = this.#memory;
    this.#makeRoom(this.#count + ordinals.length);
    for (let i = 0; i < ordinals.length; i++) {
      const row = this.#count++;
      this.#ordinals[row] = ordinals[i] ?? 0;
      this.#scales[row] = scales[i] ?? 0;
      const block = this.#blocks[Math.floor(row / rowsOfBlock)] ?? 0;
      this.#memory.write(block, row % rowsOfBlock, bytes.subarray(i * dimension, (i + 1) * dimension));
    }
  }

  /** Gives the memory back. Nothing is found from then on. */
  clear(): void {
    for (const block of this.#blocks.splice(0)) this.#memory.takeBack(block);
    this.#count = 0;
  }

  /** The most similar, best first. */
  search(query: CodeQuery, count: number): readonly CodeHit[] {
    this.#memory.ask(query);
    const rows = this.#count <= fewestBySigns ? this.#everyRow() : this.#rowsBySigns(count);
    const similarities = new Float32Array(rows.length);
    for (let from = 0; from < rows.length;) {
      const b = Math.floor((rows[from] ?? 0) / rowsOfBlock);
      let to = from;
      while (to < rows.length && (rows[to] ?? 0) < (b + 1) * rowsOfBlock) to++;
      const dots = this.#memory.dots(this.#blocks[b] ?? 0, rows.subarray(from, to));
      // Brought to positive numbers, which topIndexes asks for.
      for (let i = 0; i < dots.length; i++)
        similarities[from + i] = 2 + (dots[i] ?? 0) * query.scale * (this.#scales[rows[from + i] ?? 0] ?? 0);
      from = to;
    }
    return topIndexes(similarities, count).map((i) => ({
      ordinal: this.#ordinals[rows[i] ?? 0] ?? 0,
      similarity: (similarities[i] ?? 2) - 2,
    }));
  }

  /** `undefined` for an item without a vector. */
  similarityOf(query: CodeQuery, ordinal: number): number | undefined {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ordinals[middle] ?? 0) < ordinal) low = middle + 1;
      else high = middle;
    }
    const block = this.#blocks[Math.floor(low / rowsOfBlock)];
    if (low >= this.#count || this.#ordinals[low] !== ordinal || block === undefined) return undefined;
    this.#memory.ask(query);
    const [dot = 0] = this.#memory.dots(block, Int32Array.of(low));
    return dot * query.scale * (this.#scales[low] ?? 0);
  }

  #everyRow(): Int32Array {
    return Int32Array.from({ length: this.#count }, (_, row) => row);
  }

  /** About the wanted share of all rows, in order: those with the fewest signs that differ from the question's. */
  #rowsBySigns(count: number): Int32Array {
    const least = count * comparedMultiple;
    for (let most = this.#mostDifferent(Math.max(comparedShare, least / this.#count)); ; most += 4) {
      const found = this.#blocks.map((block, b) =>
        this.#memory.select(block, this.#rowsOf(b), most).map((row) => b * rowsOfBlock + row),
      );
      const rows = found.reduce((sum, { length }) => sum + length, 0);
      if (rows >= least || rows === this.#count) return joined(found, rows);
    }
  }

  /** How many signs differ from the question's in the best share of rows; estimated from some of the blocks. */
  #mostDifferent(share: number): number {
    const histogram = new Uint32Array(this.#memory.dimension + 1);
    const every = Math.max(1, Math.floor(this.#blocks.length / sampledBlocks));
    let sampled = 0;
    for (let b = 0; b < this.#blocks.length; b += every) {
      const differences = this.#memory.differences(this.#blocks[b] ?? 0, this.#rowsOf(b));
      for (const different of differences) histogram[different] = (histogram[different] ?? 0) + 1;
      sampled += differences.length;
    }
    let [most, rows] = [-1, 0];
    while (rows < share * sampled && most + 1 < histogram.length) rows += histogram[++most] ?? 0;
    return most;
  }

  #rowsOf(b: number): number {
    return Math.min(rowsOfBlock, this.#count - b * rowsOfBlock);
  }

  #makeRoom(count: number): void {
    while (this.#blocks.length * rowsOfBlock < count) this.#blocks.push(this.#memory.lend());
    if (count <= this.#ordinals.length) return;
    const larger = Math.max(count, Math.ceil(this.#ordinals.length * 1.5));
    const [ordinals, scales] = [new Int32Array(larger), new Float32Array(larger)];
    ordinals.set(this.#ordinals);
    scales.set(this.#scales);
    [this.#ordinals, this.#scales] = [ordinals, scales];
  }
}

function joined(pieces: readonly Int32Array[], length: number): Int32Array {
  const whole = new Int32Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
