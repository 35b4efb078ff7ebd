// The lines of a file or of standard input. Knows nothing of what they say.
import { decodeUtf8 } from '../data/utf8.js';
import { surroundings } from './surroundings.js';

/**
 * @param path a file, or - for standard input
 * @throws {DataError} where the bytes are not UTF-8
 */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let pending = '';
  for await (const text of textsOf(path)) {
    const lines = (pending + text).split(/\r?\n/);
    pending = lines.pop() ?? '';
    yield* lines;
  }
  if (pending !== '') yield pending;
}

/** The text of a file or of standard input in pieces. @throws {DataError} where the bytes are not UTF-8 */
export async function* textsOf(path: string): AsyncGenerator<string> {
  const { files } = await import('../core/files.node.js');
  const bytes: AsyncIterable<Uint8Array> = path === '-' ? surroundings().stdin : files.stream(path);
  for await (const { text } of decodeUtf8(bytes, path === '-' ? 'standard input' : path)) yield text;
}

/** All of the text of a file or of standard input. @throws {DataError} where the bytes are not UTF-8 */
export async function wholeTextOf(path: string): Promise<string> {
  let whole = '';
  for await (const piece of textsOf(path)) whole += piece;
  return whole;
}

/** Things of a stream in groups of `size`, the last one smaller. */
export async function* groupsOf<T>(
  stream: AsyncIterable<T> | Iterable<T>,
  size: number,
): AsyncGenerator<readonly T[]> {
  let group: T[] = [];
  for await (const item of stream) {
    if (group.push(item) < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
