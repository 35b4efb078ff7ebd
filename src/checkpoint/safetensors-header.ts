// The header of a safetensors file: which tensor lies where, and whether that can be true. Knows nothing of file access.
// Source: safetensors format, https://github.com/huggingface/safetensors (README, "Format").
import { z } from 'zod';
import type { DType } from '../core/dtype.js';
import { bytesPerElement } from '../core/dtype.js';
import { CheckpointError, invariant } from '../core/errors.js';
import type { Shape } from '../core/shape.js';
import { formatShape, sizeOf } from '../core/shape.js';
import type { TensorData } from '../core/tensor-data.js';
import type { JsonValue } from './json.js';
import { isJsonObject, parseJson } from './json.js';
import type { StoredType } from './stored-types.js';
import { storedTypeNamed, storedTypeOf } from './stored-types.js';

/** Free text by key, for example the step at which a file was written. */
export type Metadata = Readonly<Record<string, string>>;

/** A tensor in a file: what it is read as, and the bytes [begin, end) it takes, counted from the first byte of the data. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly type: StoredType;
  readonly begin: number;
  readonly end: number;
}

/** What lies in a file. Tensors are in the order of their bytes. */
export interface Header {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Metadata;
}

/** A file starts with the length of its header, a 64-bit little-endian number. */
export const lengthBytes = 8;
const alignment = 8;
const metadataKey = '__metadata__';

/** The order of bytes: wide elements first, so that every tensor is aligned to its own element size. */
export function storageOrder(tensors: ReadonlyMap<string, TensorData>): [string, TensorData][] {
  return [...tensors].sort(([, a], [, b]) => bytesPerElement(b.dtype) - bytesPerElement(a.dtype));
}

/** Length and header for tensors written one after the other, padded with spaces so that the data start at a multiple of 8. */
export function encodeHeader(ordered: readonly [string, TensorData][], metadata: Metadata): Uint8Array {
  let begin = 0;
  const entries = ordered.map(([name, { dtype, shape, bytes }]) => {
    invariant(name !== metadataKey, `A tensor is named ${metadataKey}.`);
    const entry = { dtype: storedTypeOf(dtype).name, shape, data_offsets: [begin, begin + bytes] };
    begin += bytes;
    return [name, entry] as const;
  });
  const json = new TextEncoder().encode(
    JSON.stringify(Object.fromEntries([[metadataKey, metadata], ...entries])),
  );
  const length = Math.ceil(json.length / alignment) * alignment;
  const header = new Uint8Array(lengthBytes + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, lengthBytes);
  return header;
}

const natural = z.int().nonnegative();
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(natural),
  data_offsets: z.tuple([natural, natural]),
});

/**
 * Reads a header, its length excluded.
 * @throws {CheckpointError} when it is malformed, or when its tensors overlap or leave a hole
 */
export function parseHeader(json: Uint8Array, path: string): Header {
  const raw = parseJson(new TextDecoder().decode(json), path);
  if (!isJsonObject(raw)) throw damaged(path, 'its header is not a JSON object');
  const { [metadataKey]: metadata = {}, ...entries } = raw;
  if (!isMetadata(metadata)) throw damaged(path, `its ${metadataKey} must be text by key`);
  const tensors = Object.entries(entries).map(
    ([name, entry]) => [name, parseEntry(entry, name, path)] as const,
  );
  tensors.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  checkContiguous(tensors, path);
  return { tensors: new Map(tensors), metadata };
}

function isMetadata(value: JsonValue): value is Metadata {
  return isJsonObject(value) && Object.values(value).every((text) => typeof text === 'string');
}

function parseEntry(entry: unknown, name: string, path: string): StoredTensor {
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) {
    throw damaged(
      path,
      `its header describes tensor "${name}" wrongly: ${z.prettifyError(parsed.error)}`,
      name,
    );
  }
  const { dtype, shape, data_offsets } = parsed.data;
  const [begin, end] = data_offsets;
  const type = storedTypeNamed(dtype, tensorIn(path, name));
  const expected = sizeOf(shape) * type.bytes;
  if (end - begin !== expected) {
    const given = `tensor "${name}" ${dtype}${formatShape(shape)} needs ${expected} bytes`;
    throw damaged(path, `${given} and its header gives it ${end - begin} (${begin} to ${end})`, name);
  }
  return { dtype: type.dtype, shape, type, begin, end };
}

function checkContiguous(tensors: readonly (readonly [string, StoredTensor])[], path: string): void {
  let previousEnd = 0;
  for (const [name, { begin, end }] of tensors) {
    if (begin !== previousEnd) {
      const fault = begin < previousEnd ? 'overlaps the tensor before it' : 'leaves a hole before it';
      throw damaged(
        path,
        `tensor "${name}" starts at byte ${begin} and ${fault}, which ends at ${previousEnd}`,
        name,
      );
    }
    previousEnd = end;
  }
}

/**
 * Checks that the data are all there.
 * @param available bytes of data in the file, its header excluded
 * @throws {CheckpointError} naming the first tensor that is cut and the bytes missing
 */
export function checkComplete(header: Header, available: number, path: string): void {
  let end = 0;
  for (const tensor of header.tensors.values()) end = tensor.end;
  if (end === available) return;
  for (const [name, tensor] of header.tensors) {
    if (tensor.end > available) throw truncated(path, name, tensor, available, end);
  }
  throw damaged(path, `${available - end} bytes follow its last tensor`);
}

function truncated(
  path: string,
  name: string,
  tensor: StoredTensor,
  available: number,
  end: number,
): CheckpointError {
  const missingBytes = tensor.end - Math.max(tensor.begin, available);
  return new CheckpointError(
    `"${path}" is truncated: of tensor "${name}" ${missingBytes} of ${tensor.end - tensor.begin} bytes are missing ` +
      `(${end - available} bytes of the whole file). Copy the file again, or use another checkpoint.`,
    { fields: { path, tensor: name, missingBytes, missingBytesOfFile: end - available } },
  );
}

/** `tensor "x" in "model.safetensors"`: how errors name a tensor. */
export function tensorIn(path: string, name: string): string {
  return `tensor "${name}" in "${path}"`;
}

/** The error for a file that cannot be what it claims to be. */
export function damaged(path: string, what: string, tensor?: string): CheckpointError {
  return new CheckpointError(
    `"${path}" is damaged or not a safetensors file: ${what}. Copy the file again, or use another checkpoint.`,
    { fields: { path, ...(tensor !== undefined && { tensor }) } },
  );
}
