// Reads the lines of an import and sees that they belong together. Knows no database.
import { DataError } from '../core/errors.js';
import type { LongWork } from './progress.js';
import { reportProgress } from './progress.js';
import type { ExportedItem, ExportLine } from './transfer-format.js';
import { parseLine } from './transfer-format.js';

const reportEvery = 1000;

const wrong = (line: number, problem: string): DataError =>
  new DataError(`Line ${line} of the import ${problem}. Nothing was imported.`, { fields: { line } });

/** What lines refer to each other by. */
class References {
  readonly #lineOf = new Map<string, number>();
  readonly #items: { readonly line: number; readonly item: ExportedItem }[] = [];

  /** @throws {DataError} when an earlier line is about the same */
  add(parsed: ExportLine, line: number): void {
    if (parsed.type === 'header' && line > 1) throw wrong(line, 'is a second header');
    if (parsed.type === 'document') this.#take(`document ${parsed.document}`, line);
    if (parsed.type !== 'item') return;
    this.#take(`item ${parsed.ordinal}`, line);
    this.#take(`key ${parsed.key}`, line);
    this.#items.push({ line, item: parsed });
  }

  /** @throws {DataError} when a line names what no line holds */
  check(): void {
    for (const { line, item } of this.#items) {
      const missing = [
        ...item.sources.map((source) => `item ${source}`),
        ...(item.document === undefined ? [] : [`document ${item.document}`]),
      ].find((name) => !this.#lineOf.has(name));
      if (missing !== undefined) throw wrong(line, `names ${missing}, which the import does not hold`);
    }
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
