// Tables of words with their labels, one word a line, sentences parted by empty lines: CoNLL files. Knows nothing of what labels mean.
import { DataError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { bytesOf, encodingOf, sizeOf } from './bytes.js';
import { readLines } from './lines.js';
import type { DataRecord, RecordSource } from './source.js';
import { reportBad } from './source.js';

/** What marks the beginning of a document, and is no sentence. */
const documentStart = '-DOCSTART-';

/**
 * Sentences of a CoNLL file as records of two lists, `tokens` and `labels`: the first and the last column, parted by white space. Columns
 * between them are not read. Source: Tjong Kim Sang and De Meulder 2003 (CoNLL-2003).
 *
 * @param encoding detected when it is not named
 */
export function conll(files: Files, path: string, encoding?: string): RecordSource {
  return {
    name: path,
    unit: 'line',
    totalBytes: () => sizeOf(files, path),
    async *records(options = {}) {
      let sentence = new Sentence(1);
      let isEmpty = true;
      for await (const line of readLines(
        bytesOf(files, path),
        path,
        await encodingOf(files, path, encoding),
      )) {
        const fields = line.text.trim().split(/\s+/);
        if (line.problem === undefined && (fields[0] === '' || fields[0] === documentStart)) {
          if (sentence.tokens.length > 0) yield sentence.record(line.bytesRead);
          sentence = new Sentence(line.line + 1);
          continue;
        }
        isEmpty = false;
        const problem = line.problem ?? problemOf(fields, line.line, path);
        if (problem !== undefined) reportBad(problem, options);
        else sentence.add(fields);
      }
      if (sentence.tokens.length > 0) yield sentence.record((await sizeOf(files, path)) ?? 0);
      if (isEmpty)
        throw new DataError(`"${path}" is empty. Give one word and its label a line.`, { fields: { path } });
    },
  };
}

class Sentence {
  readonly tokens: string[] = [];
  private readonly labels: string[] = [];
  private readonly line: number;

  constructor(line: number) {
    this.line = line;
  }

  add(fields: readonly string[]): void {
    this.tokens.push(fields[0] ?? '');
    this.labels.push(fields.at(-1) ?? '');
  }

  record(bytesRead: number): DataRecord {
    return { values: { tokens: this.tokens, labels: this.labels }, line: this.line, bytesRead };
  }
}

function problemOf(fields: readonly string[], line: number, path: string): DataError | undefined {
  if (fields.length >= 2) return undefined;
  return new DataError(
    `Line ${line} of "${path}" has one field, and a word with its label was expected. Put white space between them.`,
    { fields: { path, line } },
  );
}
