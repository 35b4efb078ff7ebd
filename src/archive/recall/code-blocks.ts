// Memory for codes, lent in blocks of 256 vectors, and the loops over one block. Knows nothing of users or of ranking.
import type { CodeKernel, KernelShape, LinearMemory, QuestionLayout } from './code-kernel.js';
import { createCodeKernel, pageBytes, planeCount, questionLayout } from './code-kernel.js';

export const rowsOfBlock = 256;
/** The width of an instruction: rows are filled up with zeros to a multiple of it. */
const wideBytes = 16;
const wholeWides = (bytes: number): number => Math.ceil(bytes / wideBytes) * wideBytes;

/** A question as the loops read it; see `QuestionLayout`. */
export interface CodeQuery {
  readonly signs: Uint8Array;
  readonly planes: Uint8Array;
  /** Times `scale` these are the question's numbers. */
  readonly halves: Int16Array;
  readonly scale: number;
}

/** Sums of products with bytes stay within 32 bits if the absolute values of the halves do not add up to more. */
const mostHalves = Math.floor((2 ** 31 - 1) / 128);
const largestHalf = 2 ** 15 - 1;

/** One bit a number, set for those above zero. */
function signsOf(values: Float32Array): Uint8Array {
  const signs = new Uint8Array(Math.ceil(values.length / 8));
  for (let i = 0; i < values.length; i++)
    if ((values[i] ?? 0) > 0) signs[i >> 3] = (signs[i >> 3] ?? 0) | (1 << (i & 7));
  return signs;
}

const largestOfPlanes = 2 ** (planeCount - 1) - 1;

/** @param peak the largest absolute value */
function planesOf(values: Float32Array, peak: number): Uint8Array {
  const planeBytes = wholeWides(Math.ceil(values.length / 8));
  const planes = new Uint8Array(planeCount * planeBytes);
  for (let i = 0; i < values.length; i++) {
    const rounded = peak === 0 ? 0 : Math.round(((values[i] ?? 0) / peak) * largestOfPlanes);
    for (let plane = 0; plane < planeCount; plane++) {
      const at = planeBytes * plane + (i >> 3);
      planes[at] = (planes[at] ?? 0) | (((rounded >> plane) & 1) << (i & 7));
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

/** The first rows of a block. */
export interface BlockRows {
  readonly block: number;
  readonly count: number;
}

/** No weight is below it: all 32 bits of the loops' numbers. */
export const anyWeight = -(2 ** 31);

/** Rows whose products are taken by one call. */
const rowsOfCall = 256;

/** Pages that memory grows by at least, 4 MB: growing takes time, and what is not written to takes no room. */
const pagesOfGrowth = 64;

/** Grows as blocks are asked for, and never shrinks: blocks given back are lent again. */
export class CodeBlocks {
  readonly dimension: number;
  readonly #shape: KernelShape;
  readonly #question: QuestionLayout;
  readonly #memory: LinearMemory;
  /** All of the memory; made anew whenever that grows. */
  #words: Int32Array;
  readonly #kernel: CodeKernel;
  /** Where addresses of rows stand, and the results. */
  readonly #list: number;
  readonly #results: number;
  #next: number;
  readonly #free: number[] = [];

  constructor(dimension: number) {
    this.dimension = dimension;
    this.#shape = { signBytes: wholeWides(Math.ceil(dimension / 8)), rowBytes: wholeWides(dimension) };
    this.#question = questionLayout(this.#shape);
    this.#list = this.#question.end;
    this.#results = this.#list + 4 * (1 + Math.max(rowsOfBlock, rowsOfCall));
    this.#next = this.#results + 8 * Math.max(rowsOfBlock, rowsOfCall);
    const { memory, kernel } = createCodeKernel(this.#shape, this.#next);
    [this.#memory, this.#kernel, this.#words] = [memory, kernel, new Int32Array(memory.buffer)];
  }

  get blockBytes(): number {
    return rowsOfBlock * (this.#shape.signBytes + this.#shape.rowBytes);
  }

  /** Lends a block; what lay in it before is overwritten row by row. */
  lend(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const block = this.#next;
    this.#next += this.blockBytes;
    const missing = Math.ceil((this.#next - this.#memory.buffer.byteLength) / pageBytes);
    if (missing > 0) {
      this.#memory.grow(Math.max(missing, pagesOfGrowth));
      this.#words = new Int32Array(this.#memory.buffer);
    }
    return block;
  }

  /** Takes a block back and wipes it. */
  takeBack(block: number): void {
    new Uint8Array(this.#memory.buffer, block, this.blockBytes).fill(0);
    this.#free.push(block);
  }

  /**
   * Overwrites rows from one on.
   * @param bytes one signed byte a number
   */
  write(block: number, row: number, bytes: Int8Array): void {
    const { dimension } = this;
    const count = bytes.length / dimension;
    const memory = new Int8Array(this.#memory.buffer);
    if (dimension === this.#shape.rowBytes) memory.set(bytes, this.codeAt(block, row));
    else
      for (let n = 0; n < count; n++)
        memory.set(bytes.subarray(n * dimension, (n + 1) * dimension), this.codeAt(block, row + n));
    this.#kernel.sign(this.codeAt(block, row), count, block + row * this.#shape.signBytes);
  }

  /** Makes a question the one that the loops compare with. */
  ask({ signs, planes, halves }: CodeQuery): void {
    const memory = new Uint8Array(this.#memory.buffer);
    memory.set(signs, this.#question.signs);
    memory.set(planes, this.#question.planes);
    new Int16Array(this.#memory.buffer).set(halves, this.#question.halves / 2);
  }

  /** For the first `count` rows, how many signs differ from the question's. Valid until the next call. */
  differences({ block, count }: BlockRows): Int32Array {
    this.#kernel.differences(block, count, this.#results);
    return this.#words.subarray(this.#results / 4, this.#results / 4 + count);
  }

  /** Calls `use` with the number and the weight of each row that is near enough, in order. */
  select(
    { block, count }: BlockRows,
    { different, weight }: Nearness,
    use: (row: number, weight: number) => void,
  ): void {
    const [words, list, results] = [this.#words, this.#list, this.#results];
    const alike = (this.#kernel.alike(block, count, list, different) - list) / 4;
    if (alike === 0) return;
    const end = this.#kernel.weigh(list, alike, results, weight) / 4;
    for (let i = results / 4; i < end; i += 2)
      use(((words[i] ?? 0) - block) / this.#shape.signBytes, words[i + 1] ?? 0);
  }

  /** Where the code of a row stands. */
  codeAt(block: number, row: number): number {
    return block + rowsOfBlock * this.#shape.signBytes + row * this.#shape.rowBytes;
  }

  /** The products of codes with the question, in units of both scales. */
  dots(codes: readonly number[]): Int32Array {
    const [words, list, results] = [this.#words, this.#list / 4, this.#results / 4];
    const products = new Int32Array(codes.length);
    for (let from = 0; from < codes.length; from += rowsOfCall) {
      const count = Math.min(rowsOfCall, codes.length - from);
      for (let i = 0; i < count; i++) words[list + i] = codes[from + i] ?? 0;
      this.#kernel.fetch(this.#list, count, 0);
      this.#kernel.dots(this.#list, count, this.#results);
      for (let i = 0; i < count; i++) products[from + i] = words[results + i] ?? 0;
    }
    return products;
  }
}
