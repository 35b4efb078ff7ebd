// Loops over codes, written in WebAssembly's own bytes. Knows nothing of what codes mean.
// Source: WebAssembly Core Specification 2.0, chapter 5 (binary format) and 7 (opcodes).

/**
 * All write 32-bit numbers from `out` on and return the address behind the last one. All parameters are byte addresses or
 * counts; `count` is at least 1, and `rowBytes` a multiple of 16.
 */
export interface CodeKernel {
  /** For each of the rows that begin at `rows`, how many of its bits differ from the query's. */
  differences(rows: number, count: number, rowBytes: number, query: number, out: number): number;
  /**
   * The rows of which at most `most` bits differ from the query's, and of which the sum of the query's numbers at the bits that
   * are set is at least `least`: for each, the number of rows from it to the last, and that sum. The numbers stand behind the
   * query's bits and have four bits in two's complement: for every 16 bytes of a row 16 of their lowest bits, 16 of the next, and
   * so on.
   */
  select(
    rows: number,
    count: number,
    rowBytes: number,
    query: number,
    out: number,
    most: number,
    least: number,
  ): number;
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

const [i32, i64, v128] = [0x7f, 0x7e, 0x7b];
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
/** From -64 to 63. */
const constant = (value: number): Code => [0x41, value & 0x7f];
const add: Code = [0x6a];
const shiftLeft: Code = [0x74];
const isBelow: Code = [0x49];
const isAtMost: Code = [0x4d];
const isSignedAtLeast: Code = [0x4e];
const end: Code = [0x0b];
const wide = (opcode: number, ...immediates: readonly number[]): Code => [
  0xfd,
  ...unsigned(opcode),
  ...immediates,
];
/** No alignment is promised, and the offset is given. */
const loadWide = (offset = 0): Code => wide(0x00, 0, offset);
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
const loadWord: Code = [0x28, 0, 0];
const storeWord = (offset: number): Code => [0x36, 0, ...unsigned(offset)];
const zero = wide(0x0c, ...new Uint8Array(16));
const addWords = wide(0xae);
const lowBytesToHalves = wide(0x87);
const highBytesToHalves = wide(0x88);
const dotOfHalves = wide(0xba);
const lane = (index: number): Code => wide(0x1b, index);

const all = (...parts: readonly Code[]): Code => parts.flat();
const step = (local: number, by: number): Code => all(get(local), constant(by), add, set(local));
/** Runs `body` again while `condition` leaves something else than zero. */
const loopWhile = (body: Code, condition: Code): Code => all([0x03, 0x40], body, condition, [0x0d, 0], end);

const onlyIf = (condition: Code, body: Code): Code => all(condition, [0x04, 0x40], body, end);

/** Parameters of all functions, then their locals: `at` and `row` are i32, `sum` is v128, the others i64. */
const [rows, count, rowBytes, query, out, most, least] = [0, 1, 2, 3, 4, 5, 6] as const;
const [at, row, sum, total, word] = [7, 8, 9, 10, 11] as const;
const parameterTypes = [[i32], [i32], [i32], [i32], [i32], [i32], [i32]];
const localTypes = [
  [2, i32],
  [1, v128],
  [2, i64],
];

const addressOf = (base: number): Code => all(get(base), get(at), add);

interface RowLoop {
  /** Leaves the address of the row. */
  readonly address: Code;
  /** Takes in 16 bytes of the row, `at` bytes from its begin. */
  readonly piece: Code;
  /** Leaves what was taken in of all of the row, as i32. */
  readonly result: Code;
  readonly store: (result: Code) => Code;
  readonly next: Code;
}

const overPieces = (piece: Code): Code =>
  loopWhile(all(piece, step(at, 16)), all(get(at), get(rowBytes), isBelow));

const overRows = ({ address, piece, result, store, next }: RowLoop): Code => {
  const start = all(
    all(address, set(row), constant(0), set(at)),
    all(zero, set(sum), longConstant(0), set(total)),
  );
  const body = all(start, overPieces(piece), store(result), next, step(count, -1));
  return all(loopWhile(body, get(count)), get(out));
};

const storeEach = (result: Code): Code => all(get(out), result, storeWord(0), step(out, 4));
const rowAfterRow = { address: get(rows), next: all(get(rows), get(rowBytes), add, set(rows)) };
const rowsOfList = { address: all(get(rows), loadWord), next: step(rows, 4) };

const totalWord = all(get(total), toWord);
const differentBits = (offset: number): Code =>
  all(
    all(addressOf(row), loadLong(offset), addressOf(query), loadLong(offset)),
    all(longXor, bitsOfLong, get(total), longAdd, set(total)),
  );
const overBits = (store: RowLoop['store']): Code =>
  overRows({
    ...rowAfterRow,
    piece: all(differentBits(0), differentBits(8)),
    result: totalWord,
    store,
  });

/** Of 16 bytes of the query's planes, which stand behind its bits, and four times as far apart as those of a row. */
const planeAt = (offset: number): Code =>
  all(get(query), get(rowBytes), add, get(at), constant(2), shiftLeft, add, loadLong(offset));
const weighed = (offset: number): Code => all(planeAt(offset), get(word), longAnd, bitsOfLong);
/** Each plane counts twice as much as the one before it, and the last one negatively. */
const planeOperations = [longAdd, longAdd, longAdd, longSubtract];
const addWeights = (offset: number): Code =>
  all(
    all(addressOf(row), loadLong(offset), set(word)),
    ...planeOperations.map((operation, plane) =>
      all(
        get(total),
        weighed(16 * plane + offset),
        longConstant(plane),
        longShiftLeft,
        operation,
        set(total),
      ),
    ),
  );
/** Leaves the sum in `total`. */
const sumWeights = all(
  all(longConstant(0), set(total), constant(0), set(at)),
  overPieces(all(addWeights(0), addWeights(8))),
);
const select = overBits((bits) =>
  onlyIf(
    all(bits, get(most), isAtMost),
    all(
      sumWeights,
      onlyIf(
        all(totalWord, get(least), isSignedAtLeast),
        all(all(get(out), get(count), storeWord(0)), all(get(out), totalWord, storeWord(4), step(out, 8))),
      ),
    ),
  ),
);

const laneOfSum = (index: number): Code => all(get(sum), lane(index));
/** The query's numbers are twice as wide as the row's: its address grows by twice `at`. */
const queryAt = all(addressOf(query), get(at), add);
const dots = overRows({
  ...rowsOfList,
  piece: all(
    all(addressOf(row), loadWide(), lowBytesToHalves, queryAt, loadWide(), dotOfHalves),
    all(addressOf(row), loadWide(), highBytesToHalves, queryAt, loadWide(16), dotOfHalves),
    all(addWords, get(sum), addWords, set(sum)),
  ),
  result: all(laneOfSum(0), ...[1, 2, 3].map((index) => all(laneOfSum(index), add))),
  store: storeEach,
});

const functions: readonly (readonly [name: string, code: Code])[] = [
  ['differences', overBits(storeEach)],
  ['select', select],
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
