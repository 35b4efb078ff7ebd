// A text as passages of whole sentences, each short enough for a model, kept in a token file. Knows nothing of what is learned.
import type { Files } from '../core/files.js';
import type { Chunk } from '../text/chunks.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { TextPiece, TextSource } from './source.js';
import type { TokenizeProgress } from './tokenize.js';
import type { Tokens } from './tokens.js';
import { throwIfAborted } from '../core/abort.js';
import { DataError } from '../core/errors.js';
import { streamChunks } from '../text/chunks.js';
import { tokenizerFingerprint } from './fingerprint.js';
import { createTokenFile } from './token-file.js';

/** A chunk of one document of a source. */
export interface Passage extends Chunk {
  /** Bytes of the source read so far, for progress. */
  readonly bytesRead: number;
}

/** The passages of all documents of a source: none has sentences of two documents. @throws {DataError} as `TextSource.pieces` */
export async function* passagesOf(
  source: TextSource,
  tokenizer: Pick<Tokenizer, 'encode'>,
  maxTokens: number,
): AsyncGenerator<Passage> {
  const pieces = source.pieces()[Symbol.asyncIterator]();
  let next = await pieces.next();
  let bytesRead = 0;
  async function* document(): AsyncGenerator<string> {
    for (let ended = false; !ended && next.done !== true; next = await pieces.next()) {
      const piece: TextPiece = next.value;
      bytesRead = piece.bytesRead;
      ended = piece.endsDocument;
      yield piece.text;
    }
  }
  while (next.done !== true) {
    for await (const chunk of streamChunks(document(), tokenizer, { maxTokens }))
      if (chunk.ids.length > 0) yield { ...chunk, bytesRead };
  }
}

/** What becomes of one passage: rows of ids, none of which holds the token that ends rows. */
export type RowsOfPassage = (passage: Passage) => readonly Int32Array[];

export interface WritePassagesOptions {
  readonly tokenizer: Tokenizer;
  /** What the tokenizer is given of a text, which decides how much of it fits; passages stay as they stand. Default: the same. */
  readonly normalize?: (text: string) => string;
  /** The token that ends each row. */
  readonly endId: number;
  readonly maxTokens: number;
  readonly rowsOf: RowsOfPassage;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TokenizeProgress) => void) | undefined;
}

const passagesBetweenReports = 1000;

/**
 * Writes the passages of a source as rows of a token file.
 * @returns how many rows
 * @throws {DataError} when the source is empty or malformed, or nothing of it becomes a row
 * @throws {AbortedError} when `signal` fires; no file is left
 */
export async function writePassages(
  files: Files,
  path: string,
  source: TextSource,
  {
    tokenizer,
    normalize = (text) => text,
    endId,
    maxTokens,
    rowsOf,
    signal,
    onProgress,
  }: WritePassagesOptions,
): Promise<number> {
  const { vocabularySize } = tokenizer;
  const totalBytes = await source.totalBytes();
  const fingerprint = await tokenizerFingerprint(tokenizer);
  const writer = await createTokenFile(files, path, { vocabularySize, fingerprint });
  const encoder = new TextEncoder();
  const counter = { encode: (part: string) => tokenizer.encode(normalize(part)) };
  let [rows, passages, textBytes] = [0, 0, 0];
  try {
    for await (const passage of passagesOf(source, counter, maxTokens)) {
      throwIfAborted(signal);
      for (const ids of rowsOf(passage)) {
        await writer.append(ids.filter((id) => id !== endId));
        await writer.append([endId]);
        rows++;
      }
      textBytes += encoder.encode(passage.text).length;
      if (++passages % passagesBetweenReports === 0)
        onProgress?.({ bytesRead: passage.bytesRead, totalBytes, tokens: writer.count, documents: passages });
    }
    if (rows === 0) {
      throw new DataError(
        `Nothing can be learned from "${source.name}": it has too little text. Give more.`,
        {
          fields: { path: source.name },
        },
      );
    }
    await writer.commit(textBytes);
    return rows;
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** Rows of ids in memory: four bytes for each id. */
export class TokenRows {
  private readonly ids: Int32Array;
  private readonly ends: Int32Array;

  private constructor(ids: Int32Array, ends: Int32Array) {
    this.ids = ids;
    this.ends = ends;
  }

  /** The rows of a token file, which end with `endId`. */
  static async read(tokens: Tokens, endId: number): Promise<TokenRows> {
    const ids = new Int32Array(tokens.count);
    await tokens.read(0, ids);
    const ends: number[] = [];
    ids.forEach((id, place) => {
      if (id === endId) ends.push(place);
    });
    return new TokenRows(ids, Int32Array.from(ends));
  }

  get count(): number {
    return this.ends.length;
  }

  /** The ids of a row, without its end; not a copy. */
  row(index: number): Int32Array {
    return this.ids.subarray(index === 0 ? 0 : (this.ends[index - 1] ?? 0) + 1, this.ends[index]);
  }

  /** Rows from `start` to before `end`; nothing is copied. */
  slice(start: number, end: number): TokenRows {
    const from = start === 0 ? 0 : (this.ends[start - 1] ?? 0) + 1;
    return new TokenRows(
      this.ids.subarray(from),
      this.ends.subarray(start, end).map((place) => place - from),
    );
  }
}
