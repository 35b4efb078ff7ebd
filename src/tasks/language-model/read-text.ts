// Lets a session read a text of any length, with memory that does not grow with it, and go on where it was interrupted. Knows no file format.
import type { Files } from '../../core/files.js';
import type { TextSource } from '../../data/index.js';
import type { TextSession } from './text-session.js';
import { DataError } from '../../core/errors.js';
import { encodedPieces } from '../../data/index.js';
import { fastestChunk } from '../../generate/index.js';

export interface ReadTextOptions {
  /** Ends the reading after what was read so far. */
  readonly signal?: AbortSignal | undefined;
  /** Where the state is saved: at the end, when the signal fires, and now and then. */
  readonly state?: { readonly files: Files; readonly path: string } | undefined;
  /** Seconds between savings. Default: 30. */
  readonly saveEverySeconds?: number | undefined;
  readonly onProgress?: (progress: ReadTextProgress) => void;
}

export interface ReadTextProgress {
  /** Tokens of the text read so far, those of earlier attempts included. */
  readonly tokens: number;
  readonly bytesRead: number;
  readonly totalBytes: number | undefined;
}

/** What came of a reading. */
export interface ReadTextOutcome {
  /** Tokens of the text that are read, those of earlier attempts included. */
  readonly tokens: number;
  /** Tokens that an earlier attempt had read. */
  readonly before: number;
  readonly finished: boolean;
}

/**
 * Reads a text after what the session has read. A session that was interrupted in this text goes on where it stopped, and
 * ends with the same bits as one that was not.
 *
 * @throws {DataError} when the text is missing, empty or malformed, or has become shorter than what was read of it before
 * @throws {TokenizerError} when it has characters that the tokenizer does not know
 */
export async function readText(
  session: TextSession,
  source: TextSource,
  options: ReadTextOptions = {},
): Promise<ReadTextOutcome> {
  const { signal, state, onProgress, saveEverySeconds = 30 } = options;
  const totalBytes = await source.totalBytes();
  const before = session.unfinished?.data === source.name ? session.unfinished.tokens : 0;
  const save = async (): Promise<void> => state && session.saveState(state.files, state.path);
  let [tokens, savedAt] = [before, performance.now()];
  for await (const { ids, bytesRead } of chunks(source, session, before)) {
    if (signal?.aborted) {
      await save();
      return { tokens, before, finished: false };
    }
    await session.session.prefill(ids);
    tokens += ids.length;
    session.unfinished = { data: source.name, tokens };
    onProgress?.({ tokens, bytesRead, totalBytes });
    if (performance.now() - savedAt < 1000 * saveEverySeconds) continue;
    await save();
    savedAt = performance.now();
  }
  session.unfinished = undefined;
  await save();
  return { tokens, before, finished: true };
}

interface Chunk {
  readonly ids: Int32Array;
  readonly bytesRead: number;
}

/** The ids of a text after the first `skipped`, in the lengths that are read fastest: the cuts do not depend on where it begins. */
async function* chunks(
  source: TextSource,
  { tokenizer }: TextSession,
  skipped: number,
): AsyncGenerator<Chunk> {
  const buffer = new Int32Array(fastestChunk);
  let [filled, left, bytesRead] = [0, skipped, 0];
  for await (const { piece, ids } of encodedPieces(source, tokenizer)) {
    bytesRead = piece.bytesRead;
    const from = Math.min(left, ids.length);
    left -= from;
    for (let start = from; start < ids.length;) {
      const part = ids.subarray(start, start + buffer.length - filled);
      buffer.set(part, filled);
      filled += part.length;
      start += part.length;
      if (filled < buffer.length) continue;
      yield { ids: buffer, bytesRead };
      filled = 0;
    }
  }
  if (left > 0) {
    throw new DataError(
      `"${source.name}" has become shorter: ${skipped} tokens of it were read before, and it has ${skipped - left}. Give the text as it was, or read this one into another state.`,
      { fields: { path: source.name, before: skipped, tokens: skipped - left } },
    );
  }
  if (filled > 0) yield { ids: buffer.subarray(0, filled), bytesRead };
}
