// Text that arrives once, such as standard input. Knows nothing of where the bytes come from.
import { DataError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import type { TextSource } from './source.js';
import { piecesOfBytes, textFile } from './text-file.js';

/**
 * Bytes that can be read once, as one document: `textStream(process.stdin, 'standard input')`.
 * Where the text is needed twice (to train a tokenizer, then to tokenize), `spool` it into a file first.
 *
 * @throws {DataError} from `pieces` on the second reading
 */
export function textStream(bytes: AsyncIterable<Uint8Array>, name: string): TextSource {
  let used = false;
  return {
    name,
    totalBytes: async () => undefined,
    pieces() {
      if (used) throw new DataError(`"${name}" can be read only once. Save it to a file and give the path.`);
      used = true;
      return piecesOfBytes(bytes, name);
    },
  };
}

/** Writes a stream into a file and gives it back as a text that can be read again and again. */
export async function spool(
  files: Files,
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<TextSource> {
  const writer = await files.createAtomic(path);
  try {
    for await (const piece of bytes) await writer.write(piece);
    await writer.commit();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  return textFile(files, path);
}
