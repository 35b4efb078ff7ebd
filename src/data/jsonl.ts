// JSON Lines: one JSON object a line. Knows nothing of what the fields mean.
import { DataError, messageOf } from '../core/errors.js';
import type { Files } from '../core/files.js';
import type { DataRecord, RecordSource } from './source.js';
import type { DecodedText } from './utf8.js';
import { decodeUtf8 } from './utf8.js';

/** The records of a JSONL file. Blank lines are passed over. Source: jsonlines.org. */
export function jsonl(files: Files, path: string): RecordSource {
  return {
    name: path,
    totalBytes: async () => (await files.info(path))?.bytes,
    async *records() {
      let empty = true;
      for await (const { text, line, bytesRead } of linesOf(decodeUtf8(files.stream(path), path))) {
        if (text.trim() === '') continue;
        empty = false;
        yield { values: parseLine(text, path, line), line, bytesRead };
      }
      if (empty)
        throw new DataError(`"${path}" is empty. Give one JSON object a line.`, { fields: { path } });
    },
  };
}

function parseLine(text: string, path: string, line: number): DataRecord['values'] {
  const fail = (problem: string, cause?: unknown): DataError =>
    new DataError(`Line ${line} of "${path}" ${problem}. Give one JSON object a line.`, {
      fields: { path, line },
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fail(`is not JSON: ${messageOf(error)}`, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fail('is not a JSON object');
  return { ...value };
}

interface Line {
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
  readonly bytesRead: number;
}

async function* linesOf(chunks: AsyncIterable<DecodedText>): AsyncGenerator<Line> {
  let line = 1;
  let pending = '';
  let bytesRead = 0;
  for await (const chunk of chunks) {
    bytesRead = chunk.bytesRead;
    const parts = chunk.text.split('\n');
    parts[0] = pending + (parts[0] ?? '');
    pending = parts.pop() ?? '';
    for (const text of parts) yield { text, line: line++, bytesRead };
  }
  yield { text: pending, line, bytesRead };
}
