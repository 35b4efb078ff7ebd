// JSON Lines: one JSON object a line. Knows nothing of what the fields mean.
import { DataError, messageOf } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { bytesOf, encodingOf, sizeOf } from './bytes.js';
import type { Line } from './lines.js';
import { readLines } from './lines.js';
import { parsePythonLiteral } from './python-literal.js';
import type { DataRecord, RecordSource } from './source.js';
import { reportBad } from './source.js';

/**
 * The records of a JSONL file. Blank lines are passed over; dictionaries as Python prints them are read too. Source: jsonlines.org.
 * @param encoding detected when it is not named
 */
export function jsonl(files: Files, path: string, encoding?: string): RecordSource {
  return {
    name: path,
    unit: 'line',
    totalBytes: () => sizeOf(files, path),
    async *records(options = {}) {
      let empty = true;
      for await (const line of readLines(
        bytesOf(files, path),
        path,
        await encodingOf(files, path, encoding),
      )) {
        if (line.problem === undefined && line.text.trim() === '') continue;
        empty = false;
        const record = parseLine(line, path);
        if (record instanceof DataError) reportBad(record, options);
        else yield record;
      }
      if (empty)
        throw new DataError(`"${path}" is empty. Give one JSON object a line.`, { fields: { path } });
    },
  };
}

function parseLine({ text, line, bytesRead, problem }: Line, path: string): DataRecord | DataError {
  if (problem !== undefined) return problem;
  const bad = (what: string, cause?: unknown): DataError =>
    new DataError(`Line ${line} of "${path}" ${what}. Give one JSON object a line.`, {
      fields: { path, line },
      cause,
    });
  let value: unknown;
  try {
    value = parseObject(text);
  } catch (error) {
    return bad(`is not JSON: ${messageOf(error)}`, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return bad('is not a JSON object');
  return { values: { ...value }, line, bytesRead };
}

/** JSON, or a dictionary as Python prints it, if the line is one: `{'text': "it's"}`. @throws {SyntaxError} that of the JSON */
function parseObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/^\s*\{\s*['"]/.test(text)) throw error;
    try {
      return parsePythonLiteral(text);
    } catch {
      throw error;
    }
  }
}
