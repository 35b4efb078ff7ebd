// The lines of a text that streams by, good and bad ones. Knows nothing of what they say.
import { DataError } from '../core/errors.js';
import { joinBytes } from './bytes.js';
import { StrictDecoder } from './encoding.js';

export interface Line {
  /** Without its line feed; a carriage return before that is still there. Empty where the line is bad. */
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
  /** Bytes of the source read so far, for progress. */
  readonly bytesRead: number;
  /** Why the line is no text. */
  readonly problem?: DataError;
}

/**
 * The lines of a file in batches, as they arrive. What follows the last line feed is a line unless it is empty. Memory holds one piece of
 * the file, or one line where that is longer.
 *
 * @param path what messages call the data
 * @throws {ConfigError} when there is no such encoding
 */
export async function* lineBatches(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  encoding: string,
): AsyncGenerator<readonly Line[]> {
  const decoder = new StrictDecoder(encoding, path);
  let pending: Uint8Array[] = [];
  let offset = 0;
  let line = 1;
  const take = (bytes: Uint8Array): Line[] => {
    const lines = decodeLines(decoder, bytes, offset, line);
    offset += bytes.length;
    line += lines.length;
    return lines;
  };
  for await (const chunk of chunks) {
    pending.push(chunk);
    if (!chunk.includes(lineFeed)) continue;
    const bytes = joinBytes(pending);
    const end = endOfLastLine(bytes, decoder);
    if (end > 0) yield take(bytes.subarray(0, end));
    pending = [bytes.slice(end)];
  }
  const rest = joinBytes(pending);
  if (rest.length > 0) yield take(rest);
}

/** The lines one by one. @throws {ConfigError} when there is no such encoding */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  encoding: string,
): AsyncGenerator<Line> {
  for await (const lines of lineBatches(chunks, path, encoding)) yield* lines;
}

const lineFeed = 0x0a;

/** Where the next line starts behind a line feed at or after `from`; 0 when there is none. In UTF-16 a line feed is two bytes. */
function endOfLine(bytes: Uint8Array, from: number, { unit, encoding }: StrictDecoder): number {
  for (let at = bytes.indexOf(lineFeed, from); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    if (unit === 1) return at + 1;
    const start = encoding === 'utf-16le' ? at : at - 1;
    const other = encoding === 'utf-16le' ? at + 1 : at - 1;
    if (start % 2 === 0 && bytes[other] === 0) return start + 2;
  }
  return 0;
}

function endOfLastLine(bytes: Uint8Array, decoder: StrictDecoder): number {
  if (decoder.unit === 1) return bytes.lastIndexOf(lineFeed) + 1;
  let last = 0;
  for (let end = endOfLine(bytes, 0, decoder); end > 0; end = endOfLine(bytes, end, decoder)) last = end;
  return last;
}

/** All lines at once where all are good, otherwise one by one. */
function decodeLines(decoder: StrictDecoder, bytes: Uint8Array, offset: number, line: number): Line[] {
  const bytesRead = offset + bytes.length;
  try {
    const texts = decoder.decode(bytes, offset).split('\n');
    if (texts.at(-1) === '') texts.pop();
    return texts.map((text, i) => ({ text, line: line + i, bytesRead }));
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
  }
  const lines: Line[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = endOfLine(bytes, start, decoder) || bytes.length;
    lines.push({
      ...decodeLine(decoder, bytes.subarray(start, end), offset + start),
      line: line + lines.length,
      bytesRead,
    });
    start = end;
  }
  return lines;
}

function decodeLine(
  decoder: StrictDecoder,
  bytes: Uint8Array,
  offset: number,
): Pick<Line, 'text' | 'problem'> {
  try {
    return { text: decoder.decode(bytes, offset).replace(/\n$/, '') };
  } catch (problem) {
    if (!(problem instanceof DataError)) throw problem;
    return { text: '', problem };
  }
}
