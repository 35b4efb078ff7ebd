// Safetensors files against the reference implementation (test/fixtures/safetensors), and against every kind of damage.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryDisk, MemoryFiles } from '../testing/memory-files.js';
import { files as nodeFiles } from '#files';
import type { DType } from '../core/dtype.js';
import { allocate, bytesOf, float16Value } from '../core/dtype.js';
import { CheckpointError, InternalError } from '../core/errors.js';
import { sizeOf } from '../core/shape.js';
import { TensorData } from '../core/tensor-data.js';
import { openSafetensors, readSafetensors, writeSafetensors } from './safetensors.js';

const fixtures = new URL('../../test/fixtures/safetensors', import.meta.url).pathname;

function memoryFiles(content?: Uint8Array): MemoryFiles {
  const disk = new MemoryDisk();
  disk.folders.add('d');
  if (content) disk.contents.set('d/x', content);
  return new MemoryFiles(disk);
}

/** A file with the given header and data. */
function fileOf(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

function f32(shape: number[], begin: number, end: number): unknown {
  return { dtype: 'F32', shape, data_offsets: [begin, end] };
}

async function errorOf(content: Uint8Array): Promise<CheckpointError> {
  const error = await readSafetensors(memoryFiles(content), 'd/x').catch((thrown: unknown) => thrown);
  if (error instanceof CheckpointError) return error;
  throw new Error(`expected a CheckpointError, got ${String(error)}`);
}

describe('reading what the reference implementation wrote', () => {
  it('gives every element type as the nearest of ours', async () => {
    const { tensors, metadata } = await readSafetensors(nodeFiles, `${fixtures}/types.safetensors`);
    const read = Object.fromEntries(
      [...tensors].map(([name, { dtype, shape, data }]) => [name, [dtype, shape, [...data]]]),
    );
    const single = Math.fround;
    expect(read).toEqual({
      f32: ['float32', [2, 3], [0.1, -2.5, 3e38, 1e-40, 0, -1].map(single)],
      f16: ['float16', [3], [...(tensors.get('f16')?.data ?? [])]],
      f64: ['float64', [2], [0.1, -1e300]],
      bf16: ['float32', [3], [1, -3.140625, 3.3895313892515355e38]],
      i64: ['int32', [3], [-2147483648, 0, 2147483647]],
      i32: ['int32', [2, 1], [-7, 2147483647]],
      u32: ['uint32', [2], [0, 4294967295]],
      i16: ['int32', [2], [-32768, 32767]],
      u16: ['int32', [2], [0, 65535]],
      i8: ['int32', [2], [-128, 127]],
      u8: ['int32', [3], [0, 255, 7]],
      bool: ['bool', [3], [1, 0, 1]],
      scalar: ['float32', [], [2.5]],
      empty: ['float32', [0, 3], []],
    });
    expect([...(tensors.get('f16')?.data ?? [])].map(float16Value)).toEqual([0.5, -65504, 2 ** -24]);
    expect(metadata).toEqual({ 'made by': 'safetensors' });
  });

  it('writes the same bytes again', async () => {
    const path = `${fixtures}/float32.safetensors`;
    const { tensors, metadata } = await readSafetensors(nodeFiles, path);
    const files = memoryFiles();
    await writeSafetensors(files, 'd/x', tensors, metadata);
    expect(await files.readBytes('d/x')).toEqual(await nodeFiles.readBytes(path));
  });

  it('reads one tensor without the others', async () => {
    const file = await openSafetensors(nodeFiles, `${fixtures}/float32.safetensors`);
    expect([...(await file.read('记忆')).data]).toEqual([1.5]);
    await expect(file.read('other')).rejects.toThrow('holds no tensor "other"');
    await file.close();
  });
});

const dtypes: readonly DType[] = ['float32', 'float16', 'float64', 'int32', 'uint32', 'bool'];

const anyTensor = fc
  .record({
    dtype: fc.constantFrom(...dtypes),
    shape: fc.array(fc.nat(3), { maxLength: 3 }),
    seed: fc.nat(255),
  })
  .map(({ dtype, shape, seed }) => {
    const data = allocate(dtype, sizeOf(shape));
    bytesOf(data).forEach(
      (_, i, bytes) => (bytes[i] = dtype === 'bool' ? (seed + i) & 1 : (seed + i * 89) & 255),
    );
    return new TensorData(dtype, shape, data);
  });
const anyName = fc.string({ unit: 'grapheme' }).filter((name) => name !== '__metadata__');
const anyTensors = fc.uniqueArray(fc.tuple(anyName, anyTensor), { selector: ([name]) => name, maxLength: 6 });
const anyMetadata = fc.dictionary(fc.string(), fc.string());

describe('writing', () => {
  it('gives back what was written, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(anyTensors, anyMetadata, async (entries, metadata) => {
        const files = memoryFiles();
        const written = new Map(entries);
        await writeSafetensors(files, 'd/x', written, metadata);
        const read = await readSafetensors(files, 'd/x');
        expect({ ...read.metadata }).toEqual({ ...metadata });
        expect(new Set(read.tensors.keys())).toEqual(new Set(written.keys()));
        for (const [name, tensor] of written) {
          const back = read.tensors.get(name);
          expect(back?.dtype).toBe(tensor.dtype);
          expect(back?.shape).toEqual(tensor.shape);
          expect(back && bytesOf(back.data)).toEqual(bytesOf(tensor.data));
        }
      }),
    );
  });

  it('starts the data at a multiple of 8 and each tensor at a multiple of its element size', async () => {
    await fc.assert(
      fc.asyncProperty(anyTensors, async (entries) => {
        const files = memoryFiles();
        await writeSafetensors(files, 'd/x', new Map(entries));
        const bytes = await files.readBytes('d/x');
        expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
        const { tensors } = await openSafetensors(files, 'd/x');
        for (const { begin, type } of tensors.values()) expect(begin % type.bytes).toBe(0);
      }),
    );
  });

  it('hands over the tensors themselves, not a copy', async () => {
    const tensor = new TensorData('float32', [1000], new Float32Array(1000));
    const buffers: ArrayBufferLike[] = [];
    const files = memoryFiles();
    const create = files.createAtomic.bind(files);
    files.createAtomic = async (path) => {
      const writer = await create(path);
      return { ...writer, write: (bytes) => (buffers.push(bytes.buffer), writer.write(bytes)) };
    };
    await writeSafetensors(files, 'd/x', new Map([['w', tensor]]));
    expect(buffers).toHaveLength(2);
    expect(buffers[1]).toBe(tensor.data.buffer);
  });

  it('refuses a tensor whose values do not fill its shape', async () => {
    const tensor = new TensorData('float32', [3], new Float32Array(2));
    await expect(writeSafetensors(memoryFiles(), 'd/x', new Map([['w', tensor]]))).rejects.toThrow(
      InternalError,
    );
  });

  it('leaves no temporary file when the disk fails', async () => {
    const disk = new MemoryDisk();
    disk.folders.add('d');
    let writes = 0;
    const files = new MemoryFiles(disk, () => {
      if (++writes === 4) throw new Error('disk');
    });
    const tensor = new TensorData('float32', [2], Float32Array.of(1, 2));
    await expect(writeSafetensors(files, 'd/x', new Map([['w', tensor]]))).rejects.toThrow('disk');
    expect([...disk.contents.keys()]).toEqual([]);
  });
});

describe('a file that cannot be right', () => {
  it('is refused at every length short of the whole', async () => {
    const whole = await nodeFiles.readBytes(`${fixtures}/types.safetensors`);
    for (let length = 0; length < whole.length; length++) {
      const error = await errorOf(whole.slice(0, length));
      expect(error.message).toMatch(/truncated|missing|alone takes 8/);
    }
  });

  it('names the tensor that is cut and the bytes missing', async () => {
    const error = await errorOf(
      fileOf({ a: f32([2], 0, 8), 'b.weight': f32([4], 8, 24), c: f32([1], 24, 28) }, 11),
    );
    expect(error.message).toContain(
      'of tensor "b.weight" 13 of 16 bytes are missing (17 bytes of the whole file)',
    );
    expect(error.fields).toEqual({
      path: 'd/x',
      tensor: 'b.weight',
      missingBytes: 13,
      missingBytesOfFile: 17,
    });
  });

  it.each([
    ['bytes follow the last tensor', fileOf({ a: f32([1], 0, 4) }, 7), '3 bytes follow its last tensor'],
    [
      'tensors overlap',
      fileOf({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8),
      'tensor "b" starts at byte 4 and overlaps',
    ],
    [
      'a hole is left',
      fileOf({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12),
      'tensor "b" starts at byte 8 and leaves a hole',
    ],
    [
      'the shape needs other bytes',
      fileOf({ a: f32([3], 0, 8) }, 8),
      'tensor "a" F32[3] needs 12 bytes and its header gives it 8',
    ],
    [
      'an end lies before its begin',
      fileOf({ a: f32([1], 4, 0) }, 4),
      'tensor "a" F32[1] needs 4 bytes and its header gives it -4',
    ],
    ['an offset is negative', fileOf({ a: f32([1], -4, 0) }, 4), 'describes tensor "a" wrongly'],
    ['a size is no integer', fileOf({ a: f32([0.5], 0, 2) }, 2), 'describes tensor "a" wrongly'],
    [
      'the type is unknown',
      fileOf({ a: { dtype: 'F8_E5M2', shape: [1], data_offsets: [0, 1] } }, 1),
      '"F8_E5M2" cannot be read',
    ],
    ['metadata are not text', fileOf({ __metadata__: { step: 3 } }, 0), '__metadata__ must be text by key'],
    ['the header is a list', fileOf([], 0), 'not a JSON object'],
    ['the header is not JSON', fileOf('{"a":', 0), 'not valid JSON'],
    [
      'it is another kind of file',
      new TextEncoder().encode('PK\u0003\u0004 some zip archive'),
      'its header would take',
    ],
  ])('is refused when %s', async (_, content, message) => {
    expect((await errorOf(content)).message).toContain(message);
  });

  it('is refused when a 64-bit integer does not fit into 32 bits', async () => {
    const content = fileOf({ ids: { dtype: 'I64', shape: [2], data_offsets: [0, 16] } }, 16);
    new DataView(content.buffer).setBigInt64(content.length - 8, 2n ** 31n, true);
    expect((await errorOf(content)).message).toContain('tensor "ids" in "d/x": element 1 is 2147483648');
  });

  it('never fails in another way, whichever byte of the header is changed', async () => {
    const whole = await nodeFiles.readBytes(`${fixtures}/float32.safetensors`);
    const headerBytes = 8 + new DataView(whole.buffer).getUint32(0, true);
    await fc.assert(
      fc.asyncProperty(fc.nat(headerBytes - 1), fc.nat(255), async (at, byte) => {
        const changed = whole.slice();
        changed[at] = byte;
        const error = await readSafetensors(memoryFiles(changed), 'd/x').catch((thrown: unknown) => thrown);
        if (error instanceof Error) expect(error).toBeInstanceOf(CheckpointError);
      }),
      { numRuns: 500 },
    );
  });

  it('says so when it shrinks while it is read', async () => {
    const files = memoryFiles(fileOf({ a: f32([2], 0, 8) }, 8));
    const open = files.open.bind(files);
    files.open = async (path) => {
      const file = await open(path);
      return {
        ...file,
        read: async (target, at) =>
          Math.min(await file.read(target, at), target.length === 8 && at > 8 ? 3 : Infinity),
      };
    };
    await expect(readSafetensors(files, 'd/x')).rejects.toThrow('tensor "a" was cut while it was read');
  });
});
