// Three loops over codes with 128-bit instructions, written in WebAssembly's own bytes. Knows nothing of what codes mean.
// Source: WebAssembly Core Specification 2.0, chapter 5 (binary format) and 7 (opcodes).

/**
 * All write 32-bit numbers from `out` on and return the address behind the last one. All parameters are byte addresses or
 * counts; `count` is at least 1, and `rowBytes` a multiple of 16.
 */
export interface CodeKernel {
  /** For each of the rows that begin at `rows`, how many of its bits differ from the query's. */
  differences(rows: number, count: number, rowBytes: number, query: number, out: number): number;
  /** The rows of which at most `most` bits differ from the query's, each as the number of rows from it to the last. */
  select(rows: number, count: number, rowBytes: number, query: number, out: number, most: number): number;
  /**
   * The dot product of a row's signed bytes with the query's signed 16-bit numbers, for each of the rows whose addresses stand
   * at `list`. The query has twice as many bytes as a row.
   */
  dots(list: number, count: number, rowBytes: number, query: number, out: number): number;
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

const vectorOf = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, items: readonly Code[]): Code => {
  const content = vectorOf(items);
  return [id, ...unsigned(content.length), ...content];
};
const name = (text: string): Code => vectorOf([...encoder.encode(text)].map((byte) => [byte]));

const [i32, v128] = [0x7f, 0x7b];
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
/** From -64 to 63. */
const constant = (value: number): Code => [0x41, value & 0x7f];
const add: Code = [0x6a];
const shiftLeft: Code = [0x74];
const isBelow: Code = [0x49];
const isAtMost: Code = [0x4d];
const end: Code = [0x0b];
const wide = (opcode: number, ...immediates: readonly number[]): Code => [
  0xfd,
  ...unsigned(opcode),
  ...immediates,
];
/** No alignment is promised, and the offset is given. */
const loadWide = (offset = 0): Code => wide(0x00, 0, offset);
const loadWord: Code = [0x28, 0, 0];
const storeWord: Code = [0x36, 0, 0];
const zero = wide(0x0c, ...new Uint8Array(16));
const xor = wide(0x51);
const bitsOfBytes = wide(0x62);
const addPairsOfBytes = wide(0x7d);
const addPairsOfHalves = wide(0x7f);
const addWords = wide(0xae);
const lowBytesToHalves = wide(0x87);
const highBytesToHalves = wide(0x88);
const dotOfHalves = wide(0xba);
const lane = (index: number): Code => wide(0x1b, index);

const all = (...parts: readonly Code[]): Code => parts.flat();
const step = (local: number, by: number): Code => all(get(local), constant(by), add, set(local));
/** Runs `body` again while `condition` leaves something else than zero. */
const loopWhile = (body: Code, condition: Code): Code => all([0x03, 0x40], body, condition, [0x0d, 0], end);

/** Parameters of all functions, then their locals: `at` and `row` are i32, `sum` is v128. */
const [rows, count, rowBytes, query, out, most, at, row, sum] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
const parameterTypes = [[i32], [i32], [i32], [i32], [i32], [i32]];
const localTypes = [
  [2, i32],
  [1, v128],
];

const addressOf = (base: number): Code => all(get(base), get(at), add);
const laneOfSum = (index: number): Code => all(get(sum), lane(index));
const addLanes = all(laneOfSum(0), ...[1, 2, 3].map((index) => all(laneOfSum(index), add)));

/** For each of `count` rows: sums up what `piece` leaves for each 16 bytes, and stores what is to be stored of it. */
const overRows = (rowAddress: Code, piece: Code, store: Code, nextRow: Code): Code => {
  const overPieces = loopWhile(
    all(get(sum), piece, addWords, set(sum), step(at, 16)),
    all(get(at), get(rowBytes), isBelow),
  );
  const start = all(rowAddress, set(row), zero, set(sum), constant(0), set(at));
  return all(loopWhile(all(start, overPieces, store, nextRow, step(count, -1)), get(count)), get(out));
};

const storeSum = all(get(out), addLanes, storeWord, step(out, 4));
/** Stores the row in any case, and keeps it by moving on. */
const storeIfFew = all(
  all(get(out), get(count), storeWord),
  all(get(out), addLanes, get(most), isAtMost, constant(2), shiftLeft, add, set(out)),
);

const overBits = (store: Code): Code =>
  overRows(
    get(rows),
    all(
      all(addressOf(row), loadWide(), addressOf(query), loadWide(), xor),
      all(bitsOfBytes, addPairsOfBytes, addPairsOfHalves),
    ),
    store,
    all(get(rows), get(rowBytes), add, set(rows)),
  );

/** The query's numbers are twice as wide as the row's: its address grows by twice `at`. */
const queryAt = all(addressOf(query), get(at), add);
const dots = overRows(
  all(get(rows), loadWord),
  all(
    all(addressOf(row), loadWide(), lowBytesToHalves, queryAt, loadWide(), dotOfHalves),
    all(addressOf(row), loadWide(), highBytesToHalves, queryAt, loadWide(16), dotOfHalves),
    addWords,
  ),
  storeSum,
  step(rows, 4),
);

const functions: readonly (readonly [name: string, code: Code])[] = [
  ['differences', overBits(storeSum)],
  ['select', overBits(storeIfFew)],
  ['dots', dots],
];

function moduleBytes(): Uint8Array {
  const type = all([0x60], vectorOf(parameterTypes), vectorOf([[i32]]));
  const importedMemory = all(name('memory'), name('memory'), [2, 0, 0]);
  const bodyOf = (code: Code): Code => {
    const body = all(vectorOf(localTypes), code, end);
    return all(unsigned(body.length), body);
  };
  return Uint8Array.from(
    all(
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [type]),
      section(2, [importedMemory]),
      section(
        3,
        functions.map(() => [0]),
      ),
      section(
        7,
        functions.map(([exported], index) => all(name(exported), [0, index])),
      ),
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

/** Of one page of memory. */
export const pageBytes = 65_536;

/** The loops, and a memory for them. */
export function createCodeKernel(bytes: number): {
  readonly memory: LinearMemory;
  readonly kernel: CodeKernel;
} {
  const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
  const memory = new Memory({ initial: Math.ceil(bytes / pageBytes) });
  const { exports } = new Instance(new Module(moduleBytes()), { memory: { memory } });
  return { memory, kernel: exports as CodeKernel };
}
