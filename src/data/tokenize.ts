// Text to a token file, in a stream. Knows nothing of what the tokens are for.
import { throwIfAborted } from '../core/abort.js';
import { DataError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { tokenizerFingerprint } from './fingerprint.js';
import { maxPieceLength } from './pieces.js';
import type { TextPiece, TextSource } from './source.js';
import type { TokenWriter } from './token-file.js';
import { createTokenFile } from './token-file.js';

/** How far tokenizing has come. */
export interface TokenizeProgress {
  readonly bytesRead: number;
  /** `undefined` when the source does not know its size. */
  readonly totalBytes: number | undefined;
  readonly tokens: number;
  readonly documents: number;
}

export interface TokenizeOptions {
  readonly signal?: AbortSignal;
  /** Called about once per megabyte, and at the end. */
  readonly onProgress?: (progress: TokenizeProgress) => void;
}

/** What became of a text. */
export interface TokenizedText {
  readonly tokens: number;
  readonly documents: number;
  /** UTF-8 bytes of the text, without what its file format adds. */
  readonly textBytes: number;
}

const progressBytes = 1 << 20;
/** Names under which tokenizers know the end of a document, most usual first. */
const endOfTextNames = ['<|endoftext|>', '<|end_of_text|>', '</s>'];

/** The id that ends a document, if the tokenizer has one. */
export function endOfTextId(tokenizer: Tokenizer): number | undefined {
  return endOfTextNames.map((name) => tokenizer.specialTokens.get(name)).find((id) => id !== undefined);
}

/**
 * Writes the ids of a text to a token file, with memory that does not grow with the text. Every document ends with the
 * tokenizer's end-of-text token; a tokenizer without one lets documents follow each other directly.
 *
 * @throws {DataError} when the source is malformed or has no text in it
 * @throws {TokenizerError} when the tokenizer cannot encode the text
 * @throws {AbortedError} when `signal` fires; no file is left
 */
export async function tokenizeToFile(
  files: Files,
  path: string,
  source: TextSource,
  tokenizer: Tokenizer,
  options: TokenizeOptions = {},
): Promise<TokenizedText> {
  const totalBytes = await source.totalBytes();
  const fingerprint = await tokenizerFingerprint(tokenizer);
  const writer = await createTokenFile(files, path, {
    vocabularySize: tokenizer.vocabularySize,
    fingerprint,
  });
  try {
    const text = await writePieces(writer, source, tokenizer, totalBytes, options);
    if (text.textBytes === 0) throw new DataError(`"${source.name}" is empty. Give some text.`);
    await writer.commit(text.textBytes);
    return text;
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** A piece of text with its ids, and that of the end where a document ends. */
export interface EncodedPiece {
  readonly piece: TextPiece;
  readonly ids: Int32Array;
}

/** A text as a model reads it. Every document ends with the tokenizer's end-of-text token, if it has one. */
export async function* encodedPieces(source: TextSource, tokenizer: Tokenizer): AsyncGenerator<EncodedPiece> {
  const endOfText = endOfTextId(tokenizer);
  for await (const piece of source.pieces()) {
    const ids = tokenizer.encode(piece.text);
    yield { piece, ids: piece.endsDocument && endOfText !== undefined ? followedBy(ids, endOfText) : ids };
  }
}

function followedBy(ids: Int32Array, last: number): Int32Array {
  const all = new Int32Array(ids.length + 1);
  all.set(ids);
  all[ids.length] = last;
  return all;
}

async function writePieces(
  writer: TokenWriter,
  source: TextSource,
  tokenizer: Tokenizer,
  totalBytes: number | undefined,
  { signal, onProgress }: TokenizeOptions,
): Promise<TokenizedText> {
  const countBytes = byteCounter();
  let [documents, textBytes, bytesRead, reported] = [0, 0, 0, 0];
  const report = (): void => onProgress?.({ bytesRead, totalBytes, tokens: writer.count, documents });
  for await (const { piece, ids } of encodedPieces(source, tokenizer)) {
    throwIfAborted(signal);
    await writer.append(ids);
    documents += Number(piece.endsDocument);
    textBytes += countBytes(piece);
    bytesRead = piece.bytesRead;
    if (bytesRead - reported >= progressBytes) {
      reported = bytesRead;
      report();
    }
  }
  report();
  return { tokens: writer.count, documents, textBytes };
}

/** Counts UTF-8 bytes into one buffer that is used again and again. */
function byteCounter(): (piece: TextPiece) => number {
  const encoder = new TextEncoder();
  const scratch = new Uint8Array(3 * maxPieceLength);
  return (piece) => encoder.encodeInto(piece.text, scratch).written;
}
