// Memory for codes, lent in blocks of 256 vectors, and the loops over one block. Knows nothing of users or of ranking.
import type { CodeKernel, LinearMemory } from './code-kernel.js';
import { createCodeKernel, pageBytes } from './code-kernel.js';

export const rowsOfBlock = 256;
/** The width of an instruction: rows are filled up with zeros to a multiple of it. */
const wideBytes = 16;
const wholeWides = (bytes: number): number => Math.ceil(bytes / wideBytes) * wideBytes;

/** A question as the loops read it. */
export interface CodeQuery {
  readonly signs: Uint8Array;
  /** Times `scale` these are the question's numbers. */
  readonly halves: Int16Array;
  readonly scale: number;
}

/** Sums of products with bytes stay within 32 bits if the absolute values of the halves do not add up to more. */
const mostHalves = Math.floor((2 ** 31 - 1) / 128);
const largestHalf = 2 ** 15 - 1;

/** One bit a number, set for those above zero. */
function signsOf(values: Float32Array | Int8Array): Uint8Array {
  const signs = new Uint8Array(Math.ceil(values.length / 8));
  for (let i = 0; i < values.length; i++)
    if ((values[i] ?? 0) > 0) signs[i >> 3] = (signs[i >> 3] ?? 0) | (1 << (i & 7));
  return signs;
}

export function codeQuery(unit: Float32Array): CodeQuery {
  let [sum, peak] = [0, 0];
  for (const value of unit) [sum, peak] = [sum + Math.abs(value), Math.max(peak, Math.abs(value))];
  // Rounding adds at most a half to each.
  const steps = Math.min((mostHalves - unit.length) / sum, largestHalf / peak);
  const scale = peak === 0 ? 1 : 1 / steps;
  return { signs: signsOf(unit), halves: Int16Array.from(unit, (value) => Math.round(value / scale)), scale };
}

/** Grows as blocks are asked for, and never shrinks: blocks given back are lent again. */
export class CodeBlocks {
  readonly dimension: number;
  readonly #signBytes: number;
  readonly #rowBytes: number;
  readonly #memory: LinearMemory;
  readonly #kernel: CodeKernel;
  /** Addresses of the query's signs, its halves, the rows asked for, and the results. */
  readonly #signs = 0;
  readonly #halves: number;
  readonly #list: number;
  readonly #results: number;
  #next: number;
  readonly #free: number[] = [];

  constructor(dimension: number) {
    this.dimension = dimension;
    this.#signBytes = wholeWides(Math.ceil(dimension / 8));
    this.#rowBytes = wholeWides(dimension);
    this.#halves = this.#signs + this.#signBytes;
    this.#list = this.#halves + 2 * this.#rowBytes;
    this.#results = this.#list + 4 * rowsOfBlock;
    this.#next = this.#results + 4 * rowsOfBlock;
    const { memory, kernel } = createCodeKernel(this.#next);
    [this.#memory, this.#kernel] = [memory, kernel];
  }

  get blockBytes(): number {
    return rowsOfBlock * (this.#signBytes + this.#rowBytes);
  }

  /** Lends a block; what lay in it before is overwritten row by row. */
  lend(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const block = this.#next;
    this.#next += this.blockBytes;
    const missing = Math.ceil((this.#next - this.#memory.buffer.byteLength) / pageBytes);
    if (missing > 0) this.#memory.grow(missing);
    return block;
  }

  /** Takes a block back and wipes it. */
  takeBack(block: number): void {
    new Uint8Array(this.#memory.buffer, block, this.blockBytes).fill(0);
    this.#free.push(block);
  }

  /** @param bytes one signed byte a number */
  write(block: number, row: number, bytes: Int8Array): void {
    const memory = new Int8Array(this.#memory.buffer);
    memory.set(signsOf(bytes), block + row * this.#signBytes);
    memory.set(bytes, this.#codeAddress(block, row));
  }

  /** Makes a question the one that the loops compare with. */
  ask({ signs, halves }: CodeQuery): void {
    new Uint8Array(this.#memory.buffer).set(signs, this.#signs);
    new Int16Array(this.#memory.buffer).set(halves, this.#halves / 2);
  }

  /** For the first `count` rows, how many signs differ from the question's. Valid until the next call. */
  differences(block: number, count: number): Int32Array {
    this.#kernel.differences(block, count, this.#signBytes, this.#signs, this.#results);
    return new Int32Array(this.#memory.buffer, this.#results, count);
  }

  /** Which of the first `count` rows differ from the question's signs in at most `most`. Valid until the next call. */
  select(block: number, count: number, most: number): Int32Array {
    const [signs, results] = [this.#signs, this.#results];
    const end = this.#kernel.select(block, count, this.#signBytes, signs, results, most);
    const rows = new Int32Array(this.#memory.buffer, results, (end - results) / 4);
    for (let i = 0; i < rows.length; i++) rows[i] = count - (rows[i] ?? 0);
    return rows;
  }

  /** The products of some rows with the question, in units of both scales. Rows count modulo those of a block. */
  dots(block: number, rows: Int32Array): Int32Array {
    const list = new Int32Array(this.#memory.buffer, this.#list, rows.length);
    for (let i = 0; i < rows.length; i++) list[i] = this.#codeAddress(block, (rows[i] ?? 0) % rowsOfBlock);
    this.#kernel.dots(this.#list, rows.length, this.#rowBytes, this.#halves, this.#results);
    return new Int32Array(this.#memory.buffer, this.#results, rows.length);
  }

  #codeAddress(block: number, row: number): number {
    return block + rowsOfBlock * this.#signBytes + row * this.#rowBytes;
  }
}
