// Reads and writes safetensors files, one tensor at a time. Knows nothing of models, runs or what the names mean.
import { CheckpointError, invariant } from '../core/errors.js';
import { bytesOf } from '../core/dtype.js';
import type { Files, RandomAccessFile } from '../core/files.js';
import { TensorData } from '../core/tensor-data.js';
import type { Header, Metadata, StoredTensor } from './safetensors-header.js';
import {
  checkComplete,
  damaged,
  encodeHeader,
  lengthBytes,
  parseHeader,
  storageOrder,
  tensorIn,
} from './safetensors-header.js';

/** A longer header is taken for a file of another kind. The reference implementation has the same limit. */
const longestHeaderBytes = 100_000_000;

/**
 * Writes tensors by name: header first, then each tensor's own bytes, without a second copy in memory.
 * The file appears under its name only when it is whole.
 *
 * @throws {StorageError} when it cannot be written; an older file of that name is then untouched
 */
export async function writeSafetensors(
  files: Files,
  path: string,
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Metadata = {},
): Promise<void> {
  const ordered = storageOrder(tensors);
  for (const [name, tensor] of ordered) {
    invariant(
      tensor.data.byteLength === tensor.bytes,
      `Tensor "${name}" holds more or less than its shape says.`,
    );
  }
  const writer = await files.createAtomic(path);
  try {
    await writer.write(encodeHeader(ordered, metadata));
    for (const [, tensor] of ordered) await writer.write(bytesOf(tensor.data));
    await writer.commit();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** A safetensors file opened for reading: what it holds is known, nothing of it is in memory yet. */
export class SafetensorsFile {
  readonly path: string;
  readonly metadata: Metadata;
  /** By name, in the order of their bytes. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  private readonly file: RandomAccessFile;
  private readonly dataStart: number;

  constructor(path: string, file: RandomAccessFile, header: Header, dataStart: number) {
    this.path = path;
    this.metadata = header.metadata;
    this.tensors = header.tensors;
    this.file = file;
    this.dataStart = dataStart;
  }

  /**
   * Reads one tensor. Types we do not compute in are converted: BF16 to float32; I64, I16, U16, I8 and U8 to int32.
   * @throws {CheckpointError} when there is no such tensor, or a 64-bit integer does not fit into 32 bits
   */
  async read(name: string): Promise<TensorData> {
    const stored = this.tensors.get(name);
    if (stored === undefined) {
      throw new CheckpointError(`"${this.path}" holds no tensor "${name}".`, {
        fields: { path: this.path, tensor: name },
      });
    }
    const bytes = new Uint8Array(stored.end - stored.begin);
    const read = await this.file.read(bytes, this.dataStart + stored.begin);
    if (read < bytes.length) throw damaged(this.path, `tensor "${name}" was cut while it was read`, name);
    return new TensorData(stored.dtype, stored.shape, stored.type.decode(bytes, tensorIn(this.path, name)));
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/**
 * Opens a file and checks its header against its size.
 * @throws {CheckpointError} when it is truncated (naming the tensor that is cut), damaged or of another kind
 */
export async function openSafetensors(files: Files, path: string): Promise<SafetensorsFile> {
  const file = await files.open(path);
  try {
    const headerBytes = await readHeaderLength(file, path);
    const json = new Uint8Array(headerBytes);
    await file.read(json, lengthBytes);
    const header = parseHeader(json, path);
    const dataStart = lengthBytes + headerBytes;
    checkComplete(header, file.bytes - dataStart, path);
    return new SafetensorsFile(path, file, header, dataStart);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readHeaderLength(file: RandomAccessFile, path: string): Promise<number> {
  if (file.bytes < lengthBytes) {
    throw damaged(
      path,
      `it has ${file.bytes} bytes, and the length of its header alone takes ${lengthBytes}`,
    );
  }
  const bytes = new Uint8Array(lengthBytes);
  await file.read(bytes, 0);
  const length = new DataView(bytes.buffer).getBigUint64(0, true);
  if (length > longestHeaderBytes) throw damaged(path, `its header would take ${length} bytes`);
  const missing = lengthBytes + Number(length) - file.bytes;
  if (missing > 0) throw damaged(path, `${missing} of ${length} bytes of its header are missing`);
  return Number(length);
}

/** A whole file in memory. Every tensor has a buffer of its own. */
export async function readSafetensors(
  files: Files,
  path: string,
): Promise<{ readonly tensors: ReadonlyMap<string, TensorData>; readonly metadata: Metadata }> {
  const file = await openSafetensors(files, path);
  try {
    const tensors = new Map<string, TensorData>();
    for (const name of file.tensors.keys()) tensors.set(name, await file.read(name));
    return { tensors, metadata: file.metadata };
  } finally {
    await file.close();
  }
}
