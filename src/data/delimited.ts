// Tables of text with a separator between fields: CSV and TSV. Knows nothing of what the columns mean.
import type { CsvError, Info, Options } from 'csv-parse';
import { parse } from 'csv-parse/stream';
import { DataError, messageOf } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { bytesOf, encodingOf, plainName, sizeOf } from './bytes.js';
import { lineBatches } from './lines.js';
import type { DataRecord, RecordOptions, RecordSource } from './source.js';
import { reportBad } from './source.js';

export interface DelimitedOptions {
  /** Detected when it is not named. */
  readonly encoding?: string | undefined;
  /** A tab in `.tsv` and `.tab` files; elsewhere the comma, or where the first line has none, its most frequent of `;`, tab and `|`. */
  readonly delimiter?: string | undefined;
  /** Around fields that hold separators, line breaks or, doubled, itself. `"` by default, but none (`null`) where tabs separate. */
  readonly quote?: string | null | undefined;
  /** Whether the first row names the columns; true by default. Without names they are called `1`, `2`, ... */
  readonly header?: boolean | undefined;
}

/** Longer records are taken for a quote that is never closed. In bytes. */
const longestRecord = 1 << 24;

/**
 * The rows of a CSV or TSV file, as strings by the names of their columns. Every row has as many fields as the first one.
 * Source: RFC 4180; a quote inside of a field that does not begin with one stands for itself.
 */
export function delimited(files: Files, path: string, options: DelimitedOptions = {}): RecordSource {
  return {
    name: path,
    unit: 'line',
    totalBytes: () => sizeOf(files, path),
    records: (recordOptions = {}) => readRows(files, path, options, recordOptions),
  };
}

interface ParsedRow {
  readonly fields: readonly string[];
  /** The first line of the row, ... */
  readonly line: number;
  /** ... and the last. */
  readonly lastLine: number;
  readonly bytesRead: number;
}

async function* readRows(
  files: Files,
  path: string,
  options: DelimitedOptions,
  recordOptions: RecordOptions,
): AsyncGenerator<DataRecord> {
  const text = new TextFeed(files, path, await encodingOf(files, path, options.encoding));
  let columns: readonly string[] | undefined;
  for await (const row of parseRows(text, path, await settingsOf(text, path, options))) {
    const problem = text.problemIn(row);
    const isBlank = row.fields.length === 1 && row.fields[0] === '' && columns?.length !== 1;
    if (columns === undefined && problem === undefined && !isBlank) {
      columns = options.header === false ? row.fields.map((_, i) => String(i + 1)) : columnNames(row.fields);
      if (options.header !== false) continue;
    }
    if (problem !== undefined) reportBad(problem, recordOptions);
    else if (columns !== undefined && isBlank) yield { values: {}, line: row.line, bytesRead: row.bytesRead };
    else if (columns !== undefined && row.fields.length === columns.length) yield recordOf(row, columns);
    else if (columns !== undefined) reportBad(wrongLength(path, row, columns), recordOptions);
  }
  if (columns === undefined)
    throw new DataError(`"${path}" is empty. Give a table with a header.`, { fields: { path } });
}

function recordOf({ fields, line, bytesRead }: ParsedRow, columns: readonly string[]): DataRecord {
  return { values: Object.fromEntries(columns.map((name, i) => [name, fields[i] ?? ''])), line, bytesRead };
}

/** Columns without a name are called by their number, repeated names get their number behind them. */
function columnNames(fields: readonly string[]): string[] {
  const names = fields.map((field) => field.trim());
  return names.map((name, i) => {
    if (name === '') return String(i + 1);
    return names.indexOf(name) < i ? `${name}.${i + 1}` : name;
  });
}

function wrongLength(path: string, { fields, line }: ParsedRow, columns: readonly string[]): DataError {
  const comparison = fields.length > columns.length ? 'too many' : 'too few';
  return new DataError(
    `Line ${line} of "${path}" has ${fields.length} fields, ${comparison} for the ${columns.length} columns ${quoteAll(columns)}. Put quotes around fields that hold the separator or line breaks, or name another separator (--delimiter).`,
    { fields: { path, line, found: fields.length, expected: columns.length } },
  );
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}

/** The text of a file for the parser, with the lines that were no text. */
class TextFeed {
  bytesRead = 0;
  private readonly problems = new Map<number, DataError>();
  private readonly files: Files;
  private readonly path: string;
  private readonly encoding: string;

  constructor(files: Files, path: string, encoding: string) {
    this.files = files;
    this.path = path;
    this.encoding = encoding;
  }

  async *pieces(): AsyncGenerator<string> {
    for await (const lines of lineBatches(bytesOf(this.files, this.path), this.path, this.encoding)) {
      for (const { line, problem } of lines) if (problem !== undefined) this.problems.set(line, problem);
      this.bytesRead = lines.at(-1)?.bytesRead ?? this.bytesRead;
      yield lines.map(({ text }) => `${text}\n`).join('');
    }
  }

  /** As UTF-8, which is what the parser reads. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder();
    for await (const piece of this.pieces()) yield encoder.encode(piece);
  }

  async firstLine(): Promise<string> {
    for await (const piece of this.pieces()) return piece.slice(0, piece.indexOf('\n'));
    return '';
  }

  /** Why one of the lines of a row is no text. */
  problemIn({ line, lastLine }: ParsedRow): DataError | undefined {
    for (let at = line; this.problems.size > 0 && at <= lastLine; at++) {
      const problem = this.problems.get(at);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}

async function settingsOf(text: TextFeed, path: string, options: DelimitedOptions): Promise<Options> {
  const tabs = /\.(?:tsv|tab)$/i.test(plainName(path));
  const delimiter = options.delimiter ?? (tabs ? '\t' : likelyDelimiter(await text.firstLine()));
  const quote = options.quote === undefined ? (delimiter === '\t' ? null : '"') : options.quote;
  return {
    delimiter,
    quote,
    relax_quotes: true,
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n'],
    max_record_size: longestRecord,
    info: true,
  };
}

function likelyDelimiter(line: string): string {
  if (line.includes(',')) return ',';
  const count = (delimiter: string): number => line.split(delimiter).length;
  const [best = ','] = [';', '\t', '|'].sort((a, b) => count(b) - count(a));
  return count(best) > 1 ? best : ',';
}

async function* parseRows(text: TextFeed, path: string, settings: Options): AsyncGenerator<ParsedRow> {
  const parser = ReadableStream.from(text.bytes()).pipeThrough(parse(settings));
  let line = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      const lastLine = Math.max(line, info.lines);
      yield { fields: record, line, lastLine, bytesRead: text.bytesRead };
      line = lastLine + 1;
    }
  } catch (error) {
    if (isCsvError(error)) throw badQuote(path, line, error);
    throw error;
  }
}

function isCsvError(error: unknown): error is CsvError {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_');
}

function badQuote(path: string, line: number, cause: CsvError): DataError {
  const unclosed = cause.code === 'CSV_QUOTE_NOT_CLOSED' || cause.code === 'CSV_MAX_RECORD_SIZE';
  const problem = unclosed ? 'opens a quote that is never closed' : `cannot be read: ${messageOf(cause)}`;
  return new DataError(
    `The row at line ${line} of "${path}" ${problem}. Close it, or say that quotes mean nothing (--no-quotes).`,
    { fields: { path, line }, cause },
  );
}
