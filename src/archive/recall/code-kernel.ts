// Loops over codes, written in WebAssembly's own bytes. Knows nothing of what codes mean.
// Source: WebAssembly Core Specification 2.0, chapter 5 (binary format) and 7 (opcodes).

/** How long what the loops read is. */
export interface KernelShape {
  /** Of the signs of a row, one bit each: a multiple of 16. */
  readonly signBytes: number;
  /** Of a row, one signed byte a number: a multiple of 16. */
  readonly rowBytes: number;
}

/** Where the question stands, from the beginning of memory on. */
export interface QuestionLayout {
  /** A bit for each number that is above zero. */
  readonly signs: number;
  /** The numbers in four bits, in two's complement: their lowest bits, as many bytes as of signs, then the next, and so on. */
  readonly planes: number;
  /** The numbers as signed 16-bit ones. */
  readonly halves: number;
  readonly end: number;
}

/**
 * Loops for vectors of one length, written out for it: what is compared again and again, the question, stays in the
 * processor's registers. Numbers have 32 bits; parameters are byte addresses, counts, or bounds. What is written begins at
 * `out`, and the address behind it is returned. `count` is at least 1. `list` is where the addresses of rows stand.
 */
export interface CodeKernel {
  /** The signs of rows that begin at `rows`, one after the other: a bit for each number that is above zero. */
  sign(rows: number, count: number, out: number): number;
  /** For each of the rows whose signs begin at `rows`, one after the other, how many of them differ from the question's. */
  differences(rows: number, count: number, out: number): number;
  /** The addresses of the rows of which at most `most` signs differ. Writes one number too many. */
  alike(rows: number, count: number, out: number, most: number): number;
  /**
   * The sum of the question's numbers, in four bits, where the signs of a row are set, for the rows of which that is at least
   * `least`: behind the row's address.
   */
  weigh(list: number, count: number, out: number, least: number): number;
  /**
   * Looks at all of each row: those of a call come from memory together, where `dots` would wait for one after the other. What is
   * returned says nothing.
   */
  fetch(list: number, count: number, any: number): number;
  /** The dot product of a row's numbers with the question's. */
  dots(list: number, count: number, out: number): number;
}

export const planeCount = 4;
/** What a processor fetches from memory at a time. */
const lineBytes = 64;

export function questionLayout({ signBytes, rowBytes }: KernelShape): QuestionLayout {
  const halves = signBytes * (1 + planeCount);
  return { signs: 0, planes: signBytes, halves, end: halves + 2 * rowBytes };
}

type Code = readonly number[];

const encoder = new TextEncoder();

/** LEB128 of a number that is not negative. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest & 0x7f;
    rest >>>= 7;
    if (rest === 0) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

/** LEB128 of a number below zero too. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if (rest === (low & 0x40 ? -1 : 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

const vectorOf = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, items: readonly Code[]): Code => {
  const content = vectorOf(items);
  return [id, ...unsigned(content.length), ...content];
};
const name = (text: string): Code => vectorOf([...encoder.encode(text)].map((byte) => [byte]));

const [i32, i64, v128] = [0x7f, 0x7e, 0x7b];
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
/** From -64 to 63. */
const constant = (value: number): Code => [0x41, value & 0x7f];
const add: Code = [0x6a];
const shiftLeft: Code = [0x74];
const isAtMost: Code = [0x4d];
const isSignedAtLeast: Code = [0x4e];
const end: Code = [0x0b];
const wide = (opcode: number, ...immediates: readonly number[]): Code => [
  0xfd,
  ...unsigned(opcode),
  ...immediates,
];
/** No alignment is promised, and the offset is given. */
const loadWide = (offset: number): Code => wide(0x00, 0, ...unsigned(offset));
/** 64 bits. */
const loadLong = (offset: number): Code => [0x29, 0, ...unsigned(offset)];
const longConstant = (value: number): Code => [0x42, value & 0x7f];
const longAnd: Code = [0x83];
const longXor: Code = [0x85];
const longAdd: Code = [0x7c];
const longSubtract: Code = [0x7d];
const longShiftLeft: Code = [0x86];
const bitsOfLong: Code = [0x7b];
const toWord: Code = [0xa7];
const loadWord = (offset: number): Code => [0x28, 0, ...unsigned(offset)];
const storeWord = (offset: number): Code => [0x36, 0, ...unsigned(offset)];
const storeHalf = (offset: number): Code => [0x3b, 0, ...unsigned(offset)];
const zeros = wide(0x0c, ...new Uint8Array(16));
const isGreaterByte = wide(0x27);
const highestBits = wide(0x64);
const addWords = wide(0xae);
const lowBytesToHalves = wide(0x87);
const highBytesToHalves = wide(0x88);
const dotOfHalves = wide(0xba);
const lane = (index: number): Code => wide(0x1b, index);

const all = (...parts: readonly Code[]): Code => parts.flat();
const onlyIf = (condition: Code, body: Code): Code => all(condition, [0x04, 0x40], body, end);
/** The first, then each of the others taken together with what there is. */
const joined = ([first = [], ...others]: readonly Code[], operation: Code): Code =>
  all(first, ...others.map((other) => all(other, operation)));
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

/** Parameters of all functions, all i32; then locals: two i32, a v128, and an i64 for each word of the question's signs. */
const [rows, count, out, bound] = [0, 1, 2, 3] as const;
const [row, result, sum, firstWord] = [4, 5, 6, 7] as const;
const parameterTypes = range(4).map(() => [i32]);
const localTypes = (words: number): readonly Code[] => [
  [2, i32],
  [1, v128],
  [...unsigned(words), i64],
];

const step = (local: number, by: number): Code => all(get(local), [0x41, ...signed(by)], add, set(local));
/** For each row, `row` being its address. */
const overRows = (address: Code, body: Code, next: Code): Code => {
  const loop = all(address, set(row), body, next, step(count, -1), get(count));
  return all([0x03, 0x40], loop, [0x0d, 0], end, get(out));
};
const overList = (body: Code): Code => overRows(all(get(rows), loadWord(0)), body, step(rows, 4));
const write = (value: Code, offset = 0): Code => all(get(out), value, storeWord(offset));

/** Loops over signs. */
function signLoops({ signBytes, rowBytes }: KernelShape) {
  const words = range(signBytes / 8);
  const { signs, planes } = questionLayout({ signBytes, rowBytes });
  const wordAt = (base: Code, offset: number): Code => all(base, loadLong(offset));
  const begin = all(...words.map((n) => all(wordAt(constant(0), signs + 8 * n), set(firstWord + n))));
  const differing = words.map((n) => all(wordAt(get(row), 8 * n), get(firstWord + n), longXor, bitsOfLong));
  const different = all(joined(differing, longAdd), toWord);
  const over = (body: Code): Code => all(begin, overRows(get(rows), body, step(rows, signBytes)));
  /** How many bits of a plane of the question are set where the row's are, as much as they count. */
  const common = (plane: number): Code => {
    const bits = words.map((n) => {
      const ofPlane = wordAt(constant(0), planes + signBytes * plane + 8 * n);
      return all(wordAt(get(row), 8 * n), ofPlane, longAnd, bitsOfLong);
    });
    return all(joined(bits, longAdd), longConstant(plane), longShiftLeft);
  };
  // Each plane counts twice as much as the one before it, and the last one negatively.
  const last = planeCount - 1;
  const weight = all(joined(range(last).map(common), longAdd), common(last), longSubtract, toWord);
  const keep = all(write(get(row)), write(get(result), 4), step(out, 8));
  return {
    differences: over(all(write(different), step(out, 4))),
    // Without a branch, which the processor would guess wrong once in a few rows that are found.
    alike: over(
      all(
        write(get(row)),
        all(get(out), different, get(bound), isAtMost, constant(2), shiftLeft, add, set(out)),
      ),
    ),
    weigh: overList(all(weight, set(result), onlyIf(all(get(result), get(bound), isSignedAtLeast), keep))),
  };
}

/** Loops over all of a row. */
function rowLoops(shape: KernelShape) {
  const { halves } = questionLayout(shape);
  const pieces = range(shape.rowBytes / 16);
  const pieceAt = (n: number): Code => all(get(row), loadWide(16 * n));
  const products = pieces.flatMap((n) =>
    [lowBytesToHalves, highBytesToHalves].map((half, h) => {
      const ofQuestion = all(constant(0), loadWide(halves + 32 * n + 16 * h));
      return all(pieceAt(n), half, ofQuestion, dotOfHalves);
    }),
  );
  const total = joined(
    range(4).map((index) => all(get(sum), lane(index))),
    add,
  );
  const signs = pieces.map((n) =>
    all(get(out), all(pieceAt(n), zeros, isGreaterByte, highestBits), storeHalf(2 * n)),
  );
  const lines = range(Math.ceil(shape.rowBytes / lineBytes));
  const looks = lines.map((n) => all(get(row), loadWord(lineBytes * n), add));
  return {
    sign: overRows(get(rows), all(...signs, step(out, shape.signBytes)), step(rows, shape.rowBytes)),
    fetch: overList(all(get(out), ...looks, set(out))),
    dots: overList(all(joined(products, addWords), set(sum), write(total), step(out, 4))),
  };
}

function moduleBytes(shape: KernelShape): Uint8Array {
  const functions = Object.entries({ ...signLoops(shape), ...rowLoops(shape) });
  const type = all([0x60], vectorOf(parameterTypes), vectorOf([[i32]]));
  const importedMemory = all(name('memory'), name('memory'), [2, 0, 0]);
  const bodyOf = (code: Code): Code => {
    const body = all(vectorOf(localTypes(shape.signBytes / 8)), code, end);
    return all(unsigned(body.length), body);
  };
  const exported = functions.map(([of], index) => all(name(of), [0, index]));
  return Uint8Array.from(
    all(
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [type]),
      section(2, [importedMemory]),
      section(
        3,
        functions.map(() => [0]),
      ),
      section(7, exported),
      section(
        10,
        functions.map(([, code]) => bodyOf(code)),
      ),
    ),
  );
}

/** What every runtime of JavaScript has and the language's own library of types leaves out. */
interface WebAssemblyApi {
  readonly Memory: new (size: { readonly initial: number }) => LinearMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

/** Memory that functions of WebAssembly work on. `buffer` is another one after `grow`. */
export interface LinearMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Of one page of linear memory. */
export const pageBytes = 65_536;

/** The loops, and a memory for them. */
export function createCodeKernel(
  shape: KernelShape,
  bytes: number,
): {
  readonly memory: LinearMemory;
  readonly kernel: CodeKernel;
} {
  const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
  const memory = new Memory({ initial: Math.ceil(bytes / pageBytes) });
  const { exports } = new Instance(new Module(moduleBytes(shape)), { memory: { memory } });
  return { memory, kernel: exports as CodeKernel };
}
