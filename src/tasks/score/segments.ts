// Puts line files side by side: what the system said, the references, what a baseline said. Knows no metric.
import { DataError } from '../../core/errors.js';
import { readLines, type LineFile, type Lines } from './lines.js';

/** Files of as many lines each: line `i` of one belongs to line `i` of the others. */
export interface SegmentFiles {
  readonly hypotheses: LineFile;
  /** At least one. */
  readonly references: readonly LineFile[];
  readonly baseline?: LineFile | undefined;
}

export interface SegmentOptions {
  /** Leave out the lines that cannot be scored, instead of refusing them. Default false. */
  readonly skipBad?: boolean | undefined;
  /** Whether an empty reference says something, such as "no answer", instead of being bad. Default false. */
  readonly emptyReferences?: boolean | undefined;
}

/** What is to be scored; all lists but `skipped` run in parallel. */
export interface Segments {
  readonly hypotheses: readonly string[];
  readonly references: readonly (readonly string[])[];
  readonly baseline?: readonly string[] | undefined;
  /** The line that each segment stands on, from 1. */
  readonly lines: readonly number[];
  /** What is wrong with the lines that were left out. */
  readonly skipped: readonly DataError[];
}

/**
 * Reads segments, one a line.
 *
 * @throws {DataError} for files that differ in length, without a line, or with a line that cannot be scored
 */
export async function readSegments(files: SegmentFiles, options: SegmentOptions = {}): Promise<Segments> {
  const hypotheses = await readLines(files.hypotheses);
  const references: Lines[] = [];
  for (const file of files.references) references.push(await readLines(file));
  const baseline = files.baseline && (await readLines(files.baseline));
  const columns = [hypotheses, ...references, ...(baseline === undefined ? [] : [baseline])];
  requireEqualLengths(columns);

  const mustSpeak = options.emptyReferences === true ? [] : references;
  const kept: number[] = [];
  const skipped: DataError[] = [];
  for (const i of hypotheses.texts.keys()) {
    const problem = unreadable(columns, i) ?? emptyReference(mustSpeak, i);
    if (problem === undefined) kept.push(i);
    else if (options.skipBad === true) skipped.push(problem);
    else throw problem;
  }
  requireSome(hypotheses, kept, skipped);
  const keep = ({ texts }: Lines): string[] => kept.map((i) => texts[i] ?? '');
  return {
    hypotheses: keep(hypotheses),
    references: kept.map((i) => references.map(({ texts }) => texts[i] ?? '')),
    baseline: baseline && keep(baseline),
    lines: kept.map((i) => i + 1),
    skipped,
  };
}

function requireEqualLengths(columns: readonly Lines[]): void {
  const [first, ...others] = columns;
  const other = others.find(({ texts }) => texts.length !== first?.texts.length);
  if (first === undefined || other === undefined) return;
  const counts = `"${first.name}" has ${linesIn(first)}, "${other.name}" has ${linesIn(other)}`;
  throw new DataError(
    `${counts}: all files must have as many, one line a segment. Look for lines that are missing or were broken in two.`,
    { fields: { lines: Object.fromEntries(columns.map(({ name, texts }) => [name, texts.length])) } },
  );
}

function linesIn({ texts }: Lines): string {
  return `${texts.length} line${texts.length === 1 ? '' : 's'}`;
}

function unreadable(columns: readonly Lines[], i: number): DataError | undefined {
  return columns.find(({ problems }) => problems.has(i))?.problems.get(i);
}

function emptyReference(references: readonly Lines[], i: number): DataError | undefined {
  const file = references.find(({ texts }) => texts[i] === '');
  if (file === undefined) return undefined;
  return new DataError(
    `Line ${i + 1} of "${file.name}" is empty: a reference must say something. Give its text, or leave such segments out.`,
    { fields: { path: file.name, line: i + 1 } },
  );
}

function requireSome(file: Lines, kept: readonly number[], skipped: readonly DataError[]): void {
  if (kept.length > 0) return;
  const reason =
    skipped.length === 0 ? `"${file.name}" has no lines` : `All ${skipped.length} lines were left out`;
  throw new DataError(`${reason}: at least one segment is needed.`, {
    fields: { path: file.name, skipped: skipped.length },
  });
}
