// Element types of tensors and the typed arrays that hold them. Knows nothing of shapes.

/**
 * Element type of a tensor. Training runs in `float32`; `float16` is a storage type (bits in a `Uint16Array`);
 * `float64` exists so that gradients can be checked by finite differences; `uint32` serves the random generator.
 */
export type DType = 'float32' | 'float16' | 'float64' | 'int32' | 'uint32' | 'bool';

/** The typed array that holds each dtype. Booleans are bytes, 0 or 1. */
export interface TypedArrays {
  float32: Float32Array;
  float16: Uint16Array;
  float64: Float64Array;
  int32: Int32Array;
  uint32: Uint32Array;
  bool: Uint8Array;
}

export type TypedArray = TypedArrays[DType];

const constructors = {
  float32: Float32Array,
  float16: Uint16Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const;

/** Bytes of one element. */
export function bytesPerElement(dtype: DType): number {
  return constructors[dtype].BYTES_PER_ELEMENT;
}

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float16' || dtype === 'float64';
}

/** A zero-filled array of `length` elements of `dtype`. */
export function allocate<D extends DType>(dtype: D, length: number): TypedArrays[D] {
  return new constructors[dtype](length) as TypedArrays[D];
}

/** An array of `dtype` with the given numbers (booleans as 0 and 1). Not for `float16`, whose bits need converting. */
export function typedArrayOf<D extends DType>(dtype: D, values: ArrayLike<number>): TypedArrays[D] {
  return constructors[dtype].from(values) as TypedArrays[D];
}

/** The bytes of a typed array, without a copy. */
export function bytesOf(array: TypedArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Reads `bytes` as `dtype`; copies only when the bytes are not aligned. */
export function typedArrayFromBytes<D extends DType>(dtype: D, bytes: Uint8Array): TypedArrays[D] {
  const size = bytesPerElement(dtype);
  const aligned = bytes.byteOffset % size === 0 ? bytes : Uint8Array.from(bytes);
  return new constructors[dtype](
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / size,
  ) as TypedArrays[D];
}

const scratchFloat = new Float32Array(1);
const scratchBits = new Uint32Array(scratchFloat.buffer);

/** The IEEE 754 binary16 bits of a number, rounded to nearest even. Source: IEEE 754-2019, 3.4 and 4.3.1. */
export function float16Bits(value: number): number {
  scratchFloat[0] = value;
  const bits = scratchBits[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const mantissa = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200);
  const shifted = exponent - 112;
  if (shifted >= 31) return sign | 0x7c00;
  if (shifted >= 1) {
    const rounded = (shifted << 10) + roundToEven(mantissa, 13);
    return sign | Math.min(rounded, 0x7c00);
  }
  if (shifted < -10) return sign;
  return sign | roundToEven(mantissa | 0x800000, 14 - shifted);
}

function roundToEven(value: number, dropped: number): number {
  const kept = value >>> dropped;
  const rest = value & ((1 << dropped) - 1);
  const half = 1 << (dropped - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** The number that IEEE 754 binary16 bits stand for. */
export function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
