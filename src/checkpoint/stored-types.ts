// The element types of safetensors files and how each becomes one of ours. Knows nothing of headers or files.
import type { DType, TypedArray } from '../core/dtype.js';
import { bytesPerElement, typedArrayFromBytes } from '../core/dtype.js';
import { CheckpointError } from '../core/errors.js';

/** An element type as a file spells it. Values are little-endian, as on every machine that runs JavaScript. */
export interface StoredType {
  /** As in the file: `F32`, `BF16`, ... */
  readonly name: string;
  /** What it is read as. */
  readonly dtype: DType;
  /** Bytes of one stored element. */
  readonly bytes: number;
  /** @param where the tensor, for errors */
  readonly decode: (bytes: Uint8Array, where: string) => TypedArray;
}

const nativeNames: Readonly<Record<DType, string>> = {
  float32: 'F32',
  float16: 'F16',
  float64: 'F64',
  int32: 'I32',
  uint32: 'U32',
  bool: 'BOOL',
};

function nativeType(dtype: DType): StoredType {
  return {
    name: nativeNames[dtype],
    dtype,
    bytes: bytesPerElement(dtype),
    decode: (bytes) => typedArrayFromBytes(dtype, bytes),
  };
}

const nativeTypes: Readonly<Record<DType, StoredType>> = {
  float32: nativeType('float32'),
  float16: nativeType('float16'),
  float64: nativeType('float64'),
  int32: nativeType('int32'),
  uint32: nativeType('uint32'),
  bool: nativeType('bool'),
};

/** bfloat16 is the upper half of a float32: exact. */
function decodeBfloat16(bytes: Uint8Array): Float32Array {
  const halves = new Uint16Array(bytes.slice().buffer);
  return new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
}

function decodeInt64(bytes: Uint8Array, where: string): Int32Array {
  const wide = new BigInt64Array(bytes.slice().buffer);
  return Int32Array.from(wide, (value, i) => {
    if (BigInt.asIntN(32, value) === value) return Number(value);
    throw new CheckpointError(
      `${where}: element ${i} is ${value}, and 64-bit integers are read as int32 (-2147483648 to 2147483647). Store smaller values.`,
      { fields: { element: i, value: String(value) } },
    );
  });
}

/** Types that are only read: each is converted to the nearest of ours that holds every value. */
const convertedTypes: readonly StoredType[] = [
  { name: 'BF16', dtype: 'float32', bytes: 2, decode: decodeBfloat16 },
  { name: 'I64', dtype: 'int32', bytes: 8, decode: decodeInt64 },
  { name: 'I16', dtype: 'int32', bytes: 2, decode: (b) => Int32Array.from(new Int16Array(b.slice().buffer)) },
  {
    name: 'U16',
    dtype: 'int32',
    bytes: 2,
    decode: (b) => Int32Array.from(new Uint16Array(b.slice().buffer)),
  },
  { name: 'I8', dtype: 'int32', bytes: 1, decode: (b) => Int32Array.from(new Int8Array(b.slice().buffer)) },
  { name: 'U8', dtype: 'int32', bytes: 1, decode: (b) => Int32Array.from(b) },
];

const byName = new Map([...Object.values(nativeTypes), ...convertedTypes].map((type) => [type.name, type]));

/** The type under which tensors of `dtype` are written. */
export function storedTypeOf(dtype: DType): StoredType {
  return nativeTypes[dtype];
}

/** The type that a file calls `name`. @throws {CheckpointError} when it is none that can be read */
export function storedTypeNamed(name: string, where: string): StoredType {
  const type = byName.get(name);
  if (type !== undefined) return type;
  throw new CheckpointError(
    `${where}: elements of type "${name}" cannot be read; known are ${[...byName.keys()].join(', ')}. Convert the tensor to one of them.`,
    { fields: { type: name } },
  );
}
