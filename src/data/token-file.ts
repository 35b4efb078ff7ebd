// Files of token ids: written in a stream, read at any position with little memory. Knows nothing of text.
import { TokenizerError } from '../core/errors.js';
import type { AtomicWriter, Files, RandomAccessFile } from '../core/files.js';
import type { IdArray, TokenFileHeader, TokenFileTrailer } from './token-file-format.js';
import {
  bytesPerId,
  encodeHeader,
  encodeTrailer,
  headerBytes,
  idArray,
  readFacts,
} from './token-file-format.js';
import type { Tokens } from './tokens.js';
import { checkRange, tokensInMemory } from './tokens.js';

const bufferIds = 1 << 17;
const defaultInMemoryBytes = 32 * 2 ** 20;

/** Ids being written to a file that appears under its name at `commit`. */
export interface TokenWriter {
  readonly count: number;
  /** @throws {TokenizerError} when an id is outside the vocabulary */
  append(ids: ArrayLike<number>): Promise<void>;
  /** @param textBytes UTF-8 bytes of the text that the ids stand for, kept for bits per byte */
  commit(textBytes: number): Promise<void>;
  abandon(): Promise<void>;
}

/** Opens a new token file. It replaces an older one only when it is whole. */
export async function createTokenFile(
  files: Files,
  path: string,
  header: TokenFileHeader,
): Promise<TokenWriter> {
  const output = await files.createAtomic(path);
  await output.write(encodeHeader(header));
  return new BufferedTokenWriter(output, header.vocabularySize);
}

class BufferedTokenWriter implements TokenWriter {
  readonly #output: AtomicWriter;
  readonly #vocabularySize: number;
  readonly #buffer: IdArray;
  #buffered = 0;
  #count = 0;

  constructor(output: AtomicWriter, vocabularySize: number) {
    this.#output = output;
    this.#vocabularySize = vocabularySize;
    this.#buffer = idArray(vocabularySize, bufferIds);
  }

  get count(): number {
    return this.#count;
  }

  async append(ids: ArrayLike<number>): Promise<void> {
    for (let i = 0; i < ids.length; i++) {
      if (this.#buffered === bufferIds) await this.#flush();
      const id = ids[i] ?? -1;
      if (!(id >= 0 && id < this.#vocabularySize)) throw outside(id, this.#vocabularySize);
      this.#buffer[this.#buffered++] = id;
    }
    this.#count += ids.length;
  }

  async commit(textBytes: number): Promise<void> {
    await this.#flush();
    await this.#output.write(encodeTrailer({ count: this.#count, textBytes }));
    await this.#output.commit();
  }

  abandon(): Promise<void> {
    return this.#output.abandon();
  }

  async #flush(): Promise<void> {
    const { buffer, BYTES_PER_ELEMENT } = this.#buffer;
    await this.#output.write(new Uint8Array(buffer, 0, this.#buffered * BYTES_PER_ELEMENT));
    this.#buffered = 0;
  }
}

function outside(id: number, vocabularySize: number): TokenizerError {
  return new TokenizerError(
    `Token id ${id} is outside the vocabulary of ${vocabularySize}. Use the tokenizer that belongs to this vocabulary.`,
    { fields: { id, vocabularySize } },
  );
}

/** The tokens of a file, with what it says about itself. */
export interface TokenFile extends Tokens, TokenFileHeader, TokenFileTrailer {
  close(): Promise<void>;
}

export interface OpenTokenFileOptions {
  /** Files up to this size are read into memory whole; larger ones position by position. 32 MiB by default. */
  readonly inMemoryBytes?: number;
}

/** @throws {DataError} when the file is not a token file or is truncated */
export async function openTokenFile(
  files: Files,
  path: string,
  options: OpenTokenFileOptions = {},
): Promise<TokenFile> {
  const file = await files.open(path);
  try {
    const facts = await readFacts(file, path);
    const onDisk = { ...facts, read: readerOf(file, facts), close: () => file.close() };
    if (file.bytes > (options.inMemoryBytes ?? defaultInMemoryBytes)) return onDisk;
    const ids = new Int32Array(facts.count);
    await onDisk.read(0, ids);
    await file.close();
    return { ...facts, ...tokensInMemory(ids), close: async () => undefined };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Each read is one read of the file: the operating system caches its pages, so that we need not. */
function readerOf(
  file: RandomAccessFile,
  { vocabularySize, count }: TokenFileHeader & TokenFileTrailer,
): Tokens['read'] {
  return async (start, target) => {
    checkRange(start, target.length, count);
    const ids = idArray(vocabularySize, target.length);
    await file.read(new Uint8Array(ids.buffer), headerBytes + start * bytesPerId(vocabularySize));
    target.set(ids);
  };
}
