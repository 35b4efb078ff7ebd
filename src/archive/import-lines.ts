// Reads the lines of an import and sees that they belong together. Knows no database.
import { DataError } from '../core/errors.js';
import type { LongWork } from './progress.js';
import { reportProgress } from './progress.js';
import type { ExportLine } from './transfer-format.js';
import { parseLine } from './transfer-format.js';

const reportEvery = 1000;

const wrong = (line: number, problem: string): DataError =>
  new DataError(`Line ${line} of the import ${problem}. Nothing was imported.`, { fields: { line } });

/** What lines refer to each other by. */
class References {
  readonly #lineOf = new Map<string, number>();
  /** What lines name, and must be held by one. */
  readonly #names: { readonly line: number; readonly name: string }[] = [];

  /** @throws {DataError} when an earlier line is about the same */
  add(parsed: ExportLine, line: number): void {
    if (parsed.type === 'header' && line > 1) throw wrong(line, 'is a second header');
    if (parsed.type === 'document') this.#take(`document ${parsed.document}`, line);
    if (parsed.type === 'tools') {
      this.#take(`tools of item ${parsed.ordinal}`, line);
      this.#names.push({ line, name: `item ${parsed.ordinal}` });
    }
    if (parsed.type !== 'item') return;
    this.#take(`item ${parsed.ordinal}`, line);
    this.#take(`key ${parsed.key}`, line);
    for (const source of parsed.sources) this.#names.push({ line, name: `item ${source}` });
    if (parsed.document !== undefined) this.#names.push({ line, name: `document ${parsed.document}` });
  }

  /** @throws {DataError} when a line names what no line holds */
  check(): void {
    for (const { line, name } of this.#names)
      if (!this.#lineOf.has(name)) throw wrong(line, `names ${name}, which the import does not hold`);
  }

  #take(name: string, line: number): void {
    const earlier = this.#lineOf.get(name);
    if (earlier !== undefined) throw wrong(line, `repeats the ${name} of line ${earlier}`);
    this.#lineOf.set(name, line);
  }
}

/**
 * All lines of an export that are not empty, in order.
 *
 * @throws {DataError} naming the line that cannot be read, repeats another, or refers to what is not there
 */
export async function readLines(
  lines: AsyncIterable<string> | Iterable<string>,
  work: LongWork,
): Promise<readonly ExportLine[]> {
  const parsed: ExportLine[] = [];
  const references = new References();
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() !== '') {
      const read = parseLine(line, number);
      references.add(read, number);
      parsed.push(read);
    }
    if (number % reportEvery === 0) reportProgress(work, { phase: 'read', done: number });
  }
  references.check();
  return parsed;
}
