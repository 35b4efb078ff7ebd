// The metrics of a run: one JSON object a line, appended, cut back when a run resumes. Knows nothing of what is measured.
import { CheckpointError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { isJsonObject, parseJson } from './json.js';

/** What was measured at a step. A number that is not finite is written as `null`. */
export interface MetricsRecord {
  readonly step: number;
  readonly [name: string]: number | string | boolean | null;
}

export async function appendMetrics(files: Files, path: string, record: MetricsRecord): Promise<void> {
  await files.append(path, `${JSON.stringify(record)}\n`);
}

/**
 * All records, oldest first; none where there is no file. A last line without its end is still being written, or was
 * cut by a crash: it is left out.
 *
 * @throws {CheckpointError} naming the line that is not a record
 */
export async function readMetrics(files: Files, path: string): Promise<readonly MetricsRecord[]> {
  const records: MetricsRecord[] = [];
  let line = 0;
  for await (const { text } of linesOf(files, path)) {
    const record = parseJson(text, `${path}:${++line}`);
    if (!isRecord(record)) {
      const message = `"${path}:${line}" is not a metrics record: an object with a number "step" was expected. Remove the line.`;
      throw new CheckpointError(message, { fields: { path, line } });
    }
    records.push(record);
  }
  return records;
}

/** Cuts off what comes after the last whole record of a step up to `step`; -1 cuts everything. */
export async function cutBackMetrics(files: Files, path: string, step: number): Promise<void> {
  let keep = 0;
  for await (const { text, end } of linesOf(files, path)) {
    if (stepOf(text) <= step) keep = end;
  }
  const size = (await files.info(path))?.bytes ?? 0;
  if (size > keep) await files.truncate(path, keep);
}

/** The step of a line; infinite for one that is not a record. */
function stepOf(text: string): number {
  try {
    const record: unknown = JSON.parse(text);
    return isRecord(record) ? record.step : Infinity;
  } catch {
    return Infinity;
  }
}

function isRecord(value: unknown): value is MetricsRecord {
  return isJsonObject(value) && typeof value.step === 'number';
}

/** Lines that are whole, with the byte at which each ends (its newline included). */
async function* linesOf(
  files: Files,
  path: string,
): AsyncGenerator<{ readonly text: string; readonly end: number }> {
  if ((await files.info(path)) === undefined) return;
  const decoder = new TextDecoder();
  let rest = new Uint8Array(0);
  let offset = 0;
  for await (const piece of files.stream(path)) {
    const bytes = new Uint8Array(rest.length + piece.length);
    bytes.set(rest);
    bytes.set(piece, rest.length);
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
      yield { text: decoder.decode(bytes.subarray(start, end)), end: offset + end + 1 };
      start = end + 1;
    }
    offset += start;
    rest = bytes.subarray(start);
  }
}
