// A text file as one document. Knows nothing of other formats.
import { DataError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { piecesOfDocument } from './pieces.js';
import type { TextPiece, TextSource } from './source.js';
import { decodeUtf8 } from './utf8.js';

/** A UTF-8 file of any size, read in pieces. */
export function textFile(files: Files, path: string): TextSource {
  return {
    name: path,
    totalBytes: async () => (await files.info(path))?.bytes,
    pieces: () => piecesOfBytes(files.stream(path), path),
  };
}

/** Pieces of one document that arrives as bytes. @throws {DataError} when there is nothing in it, or no text */
export async function* piecesOfBytes(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<TextPiece> {
  for await (const piece of piecesOfDocument(decodeUtf8(bytes, name))) {
    if (piece.text === '')
      throw new DataError(`"${name}" is empty. Give some text.`, { fields: { path: name } });
    yield piece;
  }
}
