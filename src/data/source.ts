// The contract of everything text can be read from. Knows nothing of files, tokenizers or models.
import type { DataError } from '../core/errors.js';

/** A part of a document, small enough to be held in memory, cut where tokenizing does not depend on the cut (pieces.ts). */
export interface TextPiece {
  readonly text: string;
  /** Whether the document ends with this piece. */
  readonly endsDocument: boolean;
  /** Bytes of the source read so far, for progress. */
  readonly bytesRead: number;
}

/** Documents of text, in order. Reading twice gives the same pieces, unless the source says that it can be read once only. */
export interface TextSource {
  /** What messages call it: mostly its path. */
  readonly name: string;
  /** Size in bytes; `undefined` when nobody knows before the end. */
  totalBytes(): Promise<number | undefined>;
  /** @throws {DataError} when the data is empty or malformed, with its path and line or byte offset */
  pieces(): AsyncIterable<TextPiece>;
}

/** One record of a table or of a JSONL file: values by the name of their field, and where it stands. */
export interface DataRecord {
  readonly values: Readonly<Record<string, unknown>>;
  /** Number of the line (or row), counted from 1. */
  readonly line: number;
  readonly bytesRead: number;
}

export interface RecordOptions {
  /** Told of each record that is bad, which is then passed over; without it the first one ends the reading. */
  readonly onBad?: ((problem: DataError) => void) | undefined;
}

/** Records in order. A new file format becomes readable by implementing this one interface. */
export interface RecordSource {
  readonly name: string;
  /** What a record is called in messages, with its number: a line of a text file, a row of a table. */
  readonly unit: 'line' | 'row';
  totalBytes(): Promise<number | undefined>;
  /** @throws {DataError} when the data is empty, or a record is malformed and nobody is told, with path and line */
  records(options?: RecordOptions): AsyncIterable<DataRecord>;
}

/** Tells of a bad record, or ends the reading with it. */
export function reportBad(problem: DataError, { onBad }: RecordOptions): void {
  if (onBad === undefined) throw problem;
  onBad(problem);
}

/** The text of the pieces alone, which is what the training of a tokenizer reads. */
export async function* textsOf(source: TextSource): AsyncGenerator<string> {
  for await (const { text } of source.pieces()) yield text;
}
