// A text file as one document. Knows nothing of other formats.
import { DataError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { bytesOf, encodingOf, sizeOf } from './bytes.js';
import { decodeText } from './decode.js';
import { piecesOfDocument } from './pieces.js';
import type { TextPiece, TextSource } from './source.js';

/** A file of any size, read in pieces; one in `.gz` is unpacked. @param encoding detected when it is not named */
export function textFile(files: Files, path: string, encoding?: string): TextSource {
  return {
    name: path,
    totalBytes: () => sizeOf(files, path),
    async *pieces() {
      yield* piecesOfBytes(bytesOf(files, path), path, await encodingOf(files, path, encoding));
    },
  };
}

/** Pieces of one document that arrives as bytes. @throws {DataError} when there is nothing in it, or no text */
export async function* piecesOfBytes(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  encoding = 'utf-8',
): AsyncGenerator<TextPiece> {
  for await (const piece of piecesOfDocument(decodeText(bytes, name, encoding))) {
    if (piece.text === '')
      throw new DataError(`"${name}" is empty. Give some text.`, { fields: { path: name } });
    yield piece;
  }
}
