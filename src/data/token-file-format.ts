// The layout of a token file. Knows nothing of reading or writing the ids.
//
// Little-endian: 48 bytes of header (magic "mnemetok", u32 version, u32 bytes per id, u32 vocabulary size, u32 zero,
// 24 bytes fingerprint of the tokenizer), the ids, 24 bytes of trailer (f64 count of ids, f64 bytes of text, magic).
// The counts come last because they are known last; a file that lost its end is found out by them.
import { DataError, invariant } from '../core/errors.js';
import type { RandomAccessFile } from '../core/files.js';
import { bytesOfHex, hexOf } from './fingerprint.js';

const magic = new TextEncoder().encode('mnemetok');
const version = 1;
const trailerBytes = 24;
export const headerBytes = 48;

/** What a token file says about the tokenizer that made it. */
export interface TokenFileHeader {
  /** Every id is below it. Ids take 2 bytes up to 65,536 and 4 above. */
  readonly vocabularySize: number;
  /** Names the tokenizer: 48 hexadecimal digits (fingerprint.ts). */
  readonly fingerprint: string;
}

/** What it says about the ids. */
export interface TokenFileTrailer {
  readonly count: number;
  /** UTF-8 bytes of the text that the ids stand for. */
  readonly textBytes: number;
}

export type IdArray = Uint16Array | Uint32Array;

/** Room for `length` ids, in the width that the vocabulary needs. */
export function idArray(vocabularySize: number, length: number): IdArray {
  return bytesPerId(vocabularySize) === 2 ? new Uint16Array(length) : new Uint32Array(length);
}

export function bytesPerId(vocabularySize: number): number {
  return vocabularySize <= 2 ** 16 ? 2 : 4;
}

export function encodeHeader({ vocabularySize, fingerprint }: TokenFileHeader): Uint8Array {
  invariant(/^[0-9a-f]{48}$/.test(fingerprint), `"${fingerprint}" is no fingerprint of a tokenizer.`);
  const header = new Uint8Array(headerBytes);
  const view = new DataView(header.buffer);
  header.set(magic);
  view.setUint32(8, version, true);
  view.setUint32(12, bytesPerId(vocabularySize), true);
  view.setUint32(16, vocabularySize, true);
  header.set(bytesOfHex(fingerprint), 24);
  return header;
}

export function encodeTrailer({ count, textBytes }: TokenFileTrailer): Uint8Array {
  const trailer = new Uint8Array(trailerBytes);
  trailer.set(new Uint8Array(Float64Array.of(count, textBytes).buffer));
  trailer.set(magic, 16);
  return trailer;
}

/** @throws {DataError} when the file is not a token file of this version, or not as long as it says */
export async function readFacts(
  file: RandomAccessFile,
  path: string,
): Promise<TokenFileHeader & TokenFileTrailer> {
  const header = new Uint8Array(headerBytes);
  const trailer = new Uint8Array(trailerBytes);
  await file.read(header, 0);
  await file.read(trailer, Math.max(file.bytes - trailerBytes, 0));
  const view = new DataView(header.buffer);
  if (!startsWithMagic(header)) throw damaged(path, 'is not a token file');
  const found = view.getUint32(8, true);
  if (found !== version) throw damaged(path, `is a token file of version ${found}, not ${version}`);
  const vocabularySize = view.getUint32(16, true);
  const [count = 0, textBytes = 0] = new Float64Array(trailer.buffer, 0, 2);
  const expectedBytes = headerBytes + count * bytesPerId(vocabularySize) + trailerBytes;
  const whole = startsWithMagic(trailer.subarray(16)) && file.bytes === expectedBytes;
  if (!whole) throw damaged(path, 'is truncated or damaged');
  return { vocabularySize, fingerprint: hexOf(header.subarray(24)), count, textBytes };
}

function startsWithMagic(bytes: Uint8Array): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

function damaged(path: string, problem: string): DataError {
  return new DataError(`"${path}" ${problem}. Delete it, and make it anew from the text.`, {
    fields: { path },
  });
}
