// The lines of a text file, good and bad ones. Knows nothing of what they say.
import { DataError, messageOf } from '../../core/errors.js';
import { decodeAt } from '../../data/utf8.js';
import { trimEnd } from '../../metrics/whitespace.js';

/** A file that is read once, from its first byte to its last. */
export interface LineFile {
  /** What messages call it. */
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface Lines {
  readonly name: string;
  /** Without white space at their end; empty where a line is bad. */
  readonly texts: readonly string[];
  /** What is wrong with the bad ones, by index. */
  readonly problems: ReadonlyMap<number, DataError>;
}

const lineFeed = 0x0a;
const byteOrderMark = '\ufeff';

/** Lines end with a line feed, the last one may do without. A byte order mark is dropped. */
export async function readLines({ name, bytes }: LineFile): Promise<Lines> {
  const texts: string[] = [];
  const problems = new Map<number, DataError>();
  for (const { line, offset } of linesOf(await joined(bytes))) {
    try {
      const text = trimEnd(decodeAt(line, offset, name));
      texts.push(offset === 0 && text.startsWith(byteOrderMark) ? text.slice(1) : text);
    } catch (error) {
      problems.set(texts.length, problemOfLine(texts.length + 1, error));
      texts.push('');
    }
  }
  return { name, texts, problems };
}

function problemOfLine(line: number, error: unknown): DataError {
  if (!(error instanceof DataError)) throw error;
  return new DataError(`Line ${line}: ${messageOf(error)}`, {
    cause: error,
    fields: { ...error.fields, line },
  });
}

function* linesOf(bytes: Uint8Array): Generator<{ readonly line: Uint8Array; readonly offset: number }> {
  for (let offset = 0; offset < bytes.length;) {
    const feed = bytes.indexOf(lineFeed, offset);
    const end = feed === -1 ? bytes.length : feed;
    yield { line: bytes.subarray(offset, end), offset };
    offset = end + 1;
  }
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const list: Uint8Array[] = [];
  for await (const chunk of chunks) list.push(chunk);
  const bytes = new Uint8Array(list.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of list) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
