// The lines of a file that is still being written, as they come. Knows nothing of what they say.
import { setTimeout as pause } from 'node:timers/promises';
import { decodeUtf8 } from '../data/utf8.js';
import { linesOf } from './lines.js';

/** Milliseconds between looks at a file that had nothing new. */
const lookMs = 200;

/**
 * What the file holds, and then what is appended to it, until the signal fires; standard input (`-`) until its end. A file that
 * became shorter is read from its beginning again.
 * @throws {DataError} where the bytes are not UTF-8 @throws {StorageError} when the file cannot be read
 */
export async function* followingLines(path: string, signal: AbortSignal): AsyncGenerator<string> {
  if (path === '-') {
    for await (const line of linesOf(path)) {
      if (signal.aborted) return;
      yield line;
    }
    return;
  }
  let pending = '';
  for await (const { text } of decodeUtf8(followingBytes(path, signal), path)) {
    const lines = (pending + text).split(/\r?\n/);
    pending = lines.pop() ?? '';
    yield* lines;
  }
}

async function* followingBytes(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { files } = await import('../core/files.node.js');
  let position = 0;
  while (!signal.aborted) {
    const file = await files.open(path);
    try {
      if (file.bytes < position) position = 0;
      const bytes = new Uint8Array(file.bytes - position);
      const count = await file.read(bytes, position);
      position += count;
      if (count > 0) yield bytes.subarray(0, count);
    } finally {
      await file.close();
    }
    await pause(lookMs, undefined, { signal }).catch(() => undefined);
  }
}
