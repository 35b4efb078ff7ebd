// The vectors of one user in memory, compared roughly first and in full after. Knows nothing of databases.
import { lowerBound } from '../rising.js';
import { topIndexes } from '../top.js';
import type { Codes } from '../vector-codes.js';
import type { BlockRows, CodeBlocks, CodeQuery, Nearness } from './code-blocks.js';
import { anyWeight, rowsOfBlock } from './code-blocks.js';

/** So many are all compared in full; of more, those whose signs agree best with the question. */
const fewestBySigns = 4096;
/** The share, and the least multiple of what is asked for, that is compared in full. */
const comparedShare = 0.01;
const comparedMultiple = 20;
/** So many times as many are left by the signs alone. */
const weighedMultiple = 5;

/** Blocks from which it is estimated how well signs agree. */
const sampledBlocks = 16;

export interface CodeHit {
  readonly ordinal: number;
  /** Cosine of the angle to the question, up to the rounding of the codes. */
  readonly similarity: number;
}

/**
 * Exact up to the rounding of the codes for some thousand vectors. Beyond, few are compared in full. A twentieth is left by the
 * number of signs that differ from the question's, which estimates the angle, as in Charikar, "Similarity Estimation Techniques
 * from Rounding Algorithms", STOC 2002, section 3. Of these, a fifth is left by the product of the signs with the question's
 * numbers: the question need not be rounded as the vectors are, as in Dong, Charikar and Li, "Asymmetric Distance Estimation
 * with Sketches for Similarity Search in High-Dimensional Spaces", SIGIR 2008.
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
    this.#scales.set(scales, this.#count);
    this.#ordinals.set(ordinals, this.#count);
    for (let done = 0; done < ordinals.length;) {
      const row = this.#count % rowsOfBlock;
      const rows = Math.min(rowsOfBlock - row, ordinals.length - done);
      const block = this.#blocks[Math.floor(this.#count / rowsOfBlock)] ?? 0;
      this.#memory.write(block, row, bytes.subarray(done * dimension, (done + rows) * dimension));
      done += rows;
      this.#count += rows;
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
    const rows = this.#count <= fewestBySigns ? this.#everyRow() : this.#likeliest(count);
    const dots = this.#memory.dots(rows.map((row) => this.#codeOf(row)));
    const similarities = new Float32Array(rows.length);
    // Brought to positive numbers, which topIndexes asks for.
    for (let i = 0; i < rows.length; i++)
      similarities[i] = 2 + (dots[i] ?? 0) * query.scale * (this.#scales[rows[i] ?? 0] ?? 0);
    return topIndexes(similarities, count).map((i) => ({
      ordinal: this.#ordinals[rows[i] ?? 0] ?? 0,
      similarity: (similarities[i] ?? 2) - 2,
    }));
  }

  /** `undefined` for an item without a vector. */
  similarityOf(query: CodeQuery, ordinal: number): number | undefined {
    const row = lowerBound(this.#ordinals, ordinal, this.#count);
    if (row >= this.#count || this.#ordinals[row] !== ordinal) return undefined;
    this.#memory.ask(query);
    const [dot = 0] = this.#memory.dots([this.#codeOf(row)]);
    return dot * query.scale * (this.#scales[row] ?? 0);
  }

  #codeOf(row: number): number {
    return this.#memory.codeAt(this.#blocks[Math.floor(row / rowsOfBlock)] ?? 0, row % rowsOfBlock);
  }

  #everyRow(): readonly number[] {
    return Array.from({ length: this.#count }, (_, row) => row);
  }

  /** The rows to compare in full, in order. */
  #likeliest(count: number): readonly number[] {
    const least = count * comparedMultiple;
    for (let wanted = Math.max(comparedShare * this.#count, least); wanted < this.#count; wanted *= 2) {
      const near = this.#nearest(wanted / this.#count);
      const rows = this.#near(near);
      if (rows.length >= least / 2) return rows;
    }
    return this.#everyRow();
  }

  /** The rows that are near enough, in order. */
  #near(near: Nearness): readonly number[] {
    const rows: number[] = [];
    let first = 0;
    const keep = (row: number): number => rows.push(first + row);
    for (const b of this.#blocks.keys()) {
      first = b * rowsOfBlock;
      this.#memory.select(this.#rowsOf(b), near, keep);
    }
    return rows;
  }

  /** How near about so large a share of the rows is; estimated from some of the blocks. */
  #nearest(share: number): Nearness {
    const every = Math.max(1, Math.floor(this.#blocks.length / sampledBlocks));
    const sample = this.#blocks.flatMap((_, b) => (b % every === 0 ? [this.#rowsOf(b)] : []));
    const [differences, weights]: [number[], number[]] = [[], []];
    for (const rows of sample)
      this.#memory.differences(rows).forEach((different) => differences.push(different));
    const wanted = share * differences.length;
    const different = lowest(differences, weighedMultiple * wanted);
    for (const rows of sample)
      this.#memory.select(rows, { different, weight: anyWeight }, (_, weight) => weights.push(-weight));
    return { different, weight: -lowest(weights, wanted) };
  }

  #rowsOf(b: number): BlockRows {
    return { block: this.#blocks[b] ?? 0, count: Math.min(rowsOfBlock, this.#count - b * rowsOfBlock) };
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

/** The smallest number of which at least so many values are no greater, or the greatest value. Values are whole and near each other. */
function lowest(values: readonly number[], count: number): number {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (values.length === 0) return 0;
  const histogram = new Uint32Array(high - low + 1);
  for (const value of values) histogram[value - low] = (histogram[value - low] ?? 0) + 1;
  let bound = low;
  let reached = histogram[0] ?? 0;
  while (reached < count && bound < high) reached += histogram[++bound - low] ?? 0;
  return bound;
}
