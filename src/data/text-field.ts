// Records as text: one field of each. Knows nothing of the format the records came in.
import { DataError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { piecesOfText } from './pieces.js';
import type { DataRecord, RecordSource, TextSource } from './source.js';

/**
 * The text in one field of each record; every record is a document.
 *
 * @throws {DataError} from `pieces` at a record that lacks the field or holds something else in it, with path and line
 */
export function textField(source: RecordSource, field: string): TextSource {
  return {
    name: source.name,
    totalBytes: () => source.totalBytes(),
    async *pieces() {
      for await (const record of source.records()) {
        yield* piecesOfText(textIn(record, field, source.name), record.bytesRead);
      }
    },
  };
}

function textIn(record: DataRecord, field: string, path: string): string {
  const value = record.values[field];
  if (typeof value === 'string') return value;
  const known = Object.keys(record.values);
  const problem =
    value === undefined
      ? `has no field "${field}".${known.length === 0 ? ' It has no fields.' : didYouMean(field, known)}`
      : `has a field "${field}" that is ${value === null ? 'null' : typeof value}, and text was expected.`;
  throw new DataError(
    `Line ${record.line} of "${path}" ${problem} Name the field that holds the text (--field).`,
    {
      fields: { path, line: record.line, field },
    },
  );
}
