// Text files that belong together line by line, such as a text and its translation. Knows nothing of what the lines say.
import { DataError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { bytesOf, encodingOf, sizeOf } from './bytes.js';
import type { Line } from './lines.js';
import { readLines } from './lines.js';
import type { DataRecord, RecordSource } from './source.js';
import { reportBad } from './source.js';

/**
 * The lines of several files side by side: record n holds line n of each, without its end.
 *
 * @param paths of the files by the names of their fields, such as `{ source: 'train.en', target: 'train.de' }`
 * @param encoding of all of them; detected for each when it is not named
 */
export function parallelText(
  files: Files,
  paths: Readonly<Record<string, string>>,
  encoding?: string,
): RecordSource {
  const sources = Object.entries(paths);
  return {
    name: sources.map(([, path]) => path).join(' and '),
    unit: 'line',
    async totalBytes() {
      const sizes = await Promise.all(sources.map(([, path]) => sizeOf(files, path)));
      return sizes.reduce(
        (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
        0,
      );
    },
    async *records(options = {}) {
      const readers = await Promise.all(
        sources.map(async ([field, path]) => {
          const lines = readLines(bytesOf(files, path), path, await encodingOf(files, path, encoding));
          return { field, path, lines: lines[Symbol.asyncIterator](), count: 0 };
        }),
      );
      for (let line = 1; ; line++) {
        const found = await Promise.all(readers.map((reader) => nextLine(reader)));
        if (found.includes(undefined)) return requireEqualLengths(readers);
        const problem = found.find((each) => each?.problem !== undefined)?.problem;
        if (problem !== undefined) reportBad(problem, options);
        else yield recordOf(readers, found, line);
      }
    },
  };
}

interface Reader {
  readonly field: string;
  readonly path: string;
  readonly lines: AsyncIterator<Line>;
  count: number;
}

async function nextLine(reader: Reader): Promise<Line | undefined> {
  const { done, value } = await reader.lines.next();
  if (done === true) return undefined;
  reader.count++;
  return value;
}

function recordOf(
  readers: readonly Reader[],
  lines: readonly (Line | undefined)[],
  line: number,
): DataRecord {
  const entries = readers.map(({ field }, i) => [field, (lines[i]?.text ?? '').replace(/\r$/, '')] as const);
  const bytesRead = lines.reduce((sum, found) => sum + (found?.bytesRead ?? 0), 0);
  return { values: Object.fromEntries(entries), line, bytesRead };
}

/** Reads the longer files to their ends, to say how long each is. */
async function requireEqualLengths(readers: readonly Reader[]): Promise<void> {
  for (const reader of readers) while ((await nextLine(reader)) !== undefined);
  const counts = readers.map(({ count }) => count);
  const lengths = readers.map(({ path, count }) => `"${path}" has ${count} lines`).join(', ');
  const fields = { lengths: Object.fromEntries(readers.map(({ path, count }) => [path, count])) };
  if (new Set(counts).size > 1) {
    const problem = `The files are of unequal length: ${lengths}. Line n of one must belong to line n of the other.`;
    throw new DataError(problem, { fields });
  }
  if (counts[0] === 0) throw new DataError(`The files are empty: ${lengths}. Give some text.`, { fields });
}
