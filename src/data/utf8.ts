// Bytes to text, piece by piece, without ever splitting a character. Knows nothing of documents.
import { DataError } from '../core/errors.js';

/** Text and how many bytes of the source were read up to its end. */
export interface DecodedText {
  readonly text: string;
  readonly bytesRead: number;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Decodes UTF-8 wherever the chunks are cut; a byte order mark at the start is dropped.
 *
 * @param path what messages call the data
 * @throws {DataError} at the first byte that is not UTF-8 or is NUL, with `fields.path` and `fields.byteOffset`
 */
export async function* decodeUtf8(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
): AsyncGenerator<DecodedText> {
  let carried = new Uint8Array();
  let offset = 0;
  for await (const chunk of chunks) {
    const bytes = carried.length === 0 ? chunk : concatenate(carried, chunk);
    const whole = wholeCharacters(bytes);
    const text = decodeAt(bytes.subarray(0, whole), offset, path);
    const marked = offset === 0 && text.startsWith('\ufeff');
    offset += whole;
    carried = bytes.slice(whole);
    yield { text: marked ? text.slice(1) : text, bytesRead: offset };
  }
  if (carried.length > 0) throw notText(path, offset, 'a character is cut off at the end');
}

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** How many bytes remain when a character that is cut off at the end is left out. Source: Unicode 16, table 3-6. */
function wholeCharacters(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? length - back : length;
  }
  return length;
}

/**
 * Decodes bytes that stand at `offset` of a file. A byte order mark stays.
 *
 * @throws {DataError} as {@link decodeUtf8}
 */
export function decodeAt(bytes: Uint8Array, offset: number, path: string): string {
  const nul = bytes.indexOf(0);
  if (nul !== -1) throw notText(path, offset + nul, 'it holds a NUL byte');
  try {
    return strict.decode(bytes);
  } catch {
    throw notText(path, offset + firstInvalid(bytes), 'it is not UTF-8');
  }
}

/** Where the lenient decoder first put U+FFFD for bytes that do not spell U+FFFD. */
function firstInvalid(bytes: Uint8Array): number {
  let offset = 0;
  for (const character of lenient.decode(bytes)) {
    const spelled = encoder.encode(character);
    if (!spelled.every((byte, i) => bytes[offset + i] === byte)) return offset;
    offset += spelled.length;
  }
  return offset;
}

function notText(path: string, byteOffset: number, problem: string): DataError {
  return new DataError(
    `"${path}" is not text: at byte ${byteOffset} ${problem}. Give a text file saved as UTF-8, not a binary, compressed or UTF-16 one.`,
    { fields: { path, byteOffset } },
  );
}
