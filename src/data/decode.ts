// Bytes of any encoding to text, piece by piece, without ever splitting a character. Knows nothing of documents.
import { joinBytes } from './bytes.js';
import { encodingNamed, StrictDecoder } from './encoding.js';
import type { DecodedText } from './utf8.js';
import { decodeUtf8 } from './utf8.js';

/**
 * Decodes text wherever the chunks are cut; a byte order mark at the start is dropped.
 *
 * @param path what messages call the data
 * @throws {ConfigError} when there is no such encoding
 * @throws {DataError} at the first byte that is no text, with `fields.path` and `fields.byteOffset`
 */
export async function* decodeText(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  encoding: string,
): AsyncGenerator<DecodedText> {
  if (encodingNamed(encoding) === 'utf-8') return yield* decodeUtf8(chunks, path);
  const decoder = new StrictDecoder(encoding, path);
  let carried = new Uint8Array();
  let offset = 0;
  for await (const chunk of chunks) {
    const bytes = joinBytes([carried, chunk]);
    const whole = decoder.whole(bytes, offset);
    const text = decoder.decode(bytes.subarray(0, whole), offset);
    offset += whole;
    carried = bytes.slice(whole);
    yield { text, bytesRead: offset };
  }
  if (carried.length > 0) yield { text: decoder.decode(carried, offset), bytesRead: offset + carried.length };
}
