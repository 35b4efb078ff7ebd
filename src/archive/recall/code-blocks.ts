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
  /** The question's numbers in four bits, as `CodeKernel.select` reads them. */
  readonly planes: Uint8Array;
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

const planeCount = 4;
const largestOfPlanes = 2 ** (planeCount - 1) - 1;

/** @param peak the largest absolute value */
function planesOf(values: Float32Array, peak: number): Uint8Array {
  const planes = new Uint8Array(planeCount * wholeWides(Math.ceil(values.length / 8)));
  for (let i = 0; i < values.length; i++) {
    const rounded = peak === 0 ? 0 : Math.round(((values[i] ?? 0) / peak) * largestOfPlanes);
    const byte = i >> 3;
    const at = planeCount * (byte - (byte % wideBytes)) + (byte % wideBytes);
    for (let plane = 0; plane < planeCount; plane++) {
      const bit = (rounded >> plane) & 1;
      planes[at + wideBytes * plane] = (planes[at + wideBytes * plane] ?? 0) | (bit << (i & 7));
    }
  }
  return planes;
}

export function codeQuery(unit: Float32Array): CodeQuery {
  let [sum, peak] = [0, 0];
  for (const value of unit) [sum, peak] = [sum + Math.abs(value), Math.max(peak, Math.abs(value))];
  // Rounding adds at most a half to each.
  const steps = Math.min((mostHalves - unit.length) / sum, largestHalf / peak);
  const scale = peak === 0 ? 1 : 1 / steps;
  const halves = Int16Array.from(unit, (value) => Math.round(value / scale));
  return { signs: signsOf(unit), planes: planesOf(unit, peak), halves, scale };
}

/** How near the signs of a row must be to a question. */
export interface Nearness {
  /** At most so many signs differ. */
  readonly different: number;
  /**
   * The sum of the question's numbers, in four bits, where the row's are above zero, is at least this. It differs from half the
   * product of the row's signs with the question by what is the same for all rows, and by rounding.
   */
  readonly weight: number;
}

/** No weight is below it: all 32 bits of the loops' numbers. */
export const anyWeight = -(2 ** 31);

/** Rows whose products are taken by one call. */
const rowsOfCall = 256;

/** Grows as blocks are asked for, and never shrinks: blocks given back are lent again. */
export class CodeBlocks {
  readonly dimension: number;
  readonly #signBytes: number;
  readonly #rowBytes: number;
  readonly #memory: LinearMemory;
  /** All of the memory; made anew whenever that grows. */
  #words: Int32Array;
  readonly #kernel: CodeKernel;
  /** Addresses of the query's signs, its planes, its halves, the rows asked for, and the results. */
  readonly #signs = 0;
  readonly #planes: number;
  readonly #halves: number;
  readonly #list: number;
  readonly #results: number;
  #next: number;
  readonly #free: number[] = [];

  constructor(dimension: number) {
    this.dimension = dimension;
    this.#signBytes = wholeWides(Math.ceil(dimension / 8));
    this.#rowBytes = wholeWides(dimension);
    this.#planes = this.#signs + this.#signBytes;
    this.#halves = this.#planes + planeCount * this.#signBytes;
    this.#list = this.#halves + 2 * this.#rowBytes;
    this.#results = this.#list + 4 * rowsOfCall;
    this.#next = this.#results + 8 * Math.max(rowsOfBlock, rowsOfCall);
    const { memory, kernel } = createCodeKernel(this.#next);
    [this.#memory, this.#kernel, this.#words] = [memory, kernel, new Int32Array(memory.buffer)];
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
    if (missing > 0) {
      this.#memory.grow(missing);
      this.#words = new Int32Array(this.#memory.buffer);
    }
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
    memory.set(bytes, this.codeAt(block, row));
  }

  /** Makes a question the one that the loops compare with. */
  ask({ signs, planes, halves }: CodeQuery): void {
    const memory = new Uint8Array(this.#memory.buffer);
    memory.set(signs, this.#signs);
    memory.set(planes, this.#planes);
    new Int16Array(this.#memory.buffer).set(halves, this.#halves / 2);
  }

  /** For the first `count` rows, how many signs differ from the question's. Valid until the next call. */
  differences(block: number, count: number): Int32Array {
    this.#kernel.differences(block, count, this.#signBytes, this.#signs, this.#results);
    return this.#words.subarray(this.#results / 4, this.#results / 4 + count);
  }

  /** Calls `use` with the number and the weight of each of the first `count` rows that is near enough. */
  select(block: number, count: number, near: Nearness, use: (row: number, weight: number) => void): void {
    const { different, weight } = near;
    const [words, results] = [this.#words, this.#results];
    const end = this.#kernel.select(block, count, this.#signBytes, this.#signs, results, different, weight);
    for (let i = results / 4; i < end / 4; i += 2) use(count - (words[i] ?? 0), words[i + 1] ?? 0);
  }

  /** Where the code of a row stands. */
  codeAt(block: number, row: number): number {
    return block + rowsOfBlock * this.#signBytes + row * this.#rowBytes;
  }

  /** The products of codes with the question, in units of both scales. */
  dots(codes: readonly number[]): Int32Array {
    const [words, list, results] = [this.#words, this.#list / 4, this.#results / 4];
    const products = new Int32Array(codes.length);
    for (let from = 0; from < codes.length; from += rowsOfCall) {
      const count = Math.min(rowsOfCall, codes.length - from);
      for (let i = 0; i < count; i++) words[list + i] = codes[from + i] ?? 0;
      this.#kernel.dots(this.#list, count, this.#rowBytes, this.#halves, this.#results);
      for (let i = 0; i < count; i++) products[from + i] = words[results + i] ?? 0;
    }
    return products;
  }
}
