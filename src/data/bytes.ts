// The bytes of a file, unpacked where it is compressed, and the encoding that they are in. Knows nothing of formats.
import { DataError, messageOf } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { detectEncoding, detectionBytes, encodingNamed } from './encoding.js';

const isCompressed = (path: string): boolean => /\.gz$/i.test(path);

/** The name of a file without `.gz`, which says what kind of data it holds. */
export function plainName(path: string): string {
  return path.replace(/\.gz$/i, '');
}

/** The bytes in order; those of a `.gz` file unpacked. @throws {DataError} while reading, when such a file is damaged */
export function bytesOf(files: Files, path: string): AsyncIterable<Uint8Array> {
  return isCompressed(path) ? unpacked(files, path) : files.stream(path);
}

async function* unpacked(files: Files, path: string): AsyncGenerator<Uint8Array> {
  const packed = ReadableStream.from(files.stream(path)) as ReadableStream<Uint8Array<ArrayBuffer>>;
  const reader = packed.pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw new DataError(`"${path}" cannot be unpacked: ${messageOf(error)}. Is the file whole?`, {
          fields: { path },
          cause: error,
        });
      });
      if (done) return;
      yield value as Uint8Array;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Size in bytes for progress; `undefined` when nobody knows how much a file unpacks to. */
export async function sizeOf(files: Files, path: string): Promise<number | undefined> {
  return isCompressed(path) ? undefined : (await files.info(path))?.bytes;
}

/** The encoding that was named, or the one that the beginning of the file is in. @throws {ConfigError} for an unknown name */
export async function encodingOf(files: Files, path: string, named: string | undefined): Promise<string> {
  if (named !== undefined) return encodingNamed(named);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytesOf(files, path)) {
    pieces.push(piece);
    length += piece.length;
    if (length >= detectionBytes) break;
  }
  return detectEncoding(joinBytes(pieces), length < detectionBytes);
}

export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1 && pieces[0] !== undefined) return pieces[0];
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let end = 0;
  for (const piece of pieces) {
    bytes.set(piece, end);
    end += piece.length;
  }
  return bytes;
}
