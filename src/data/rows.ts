// Rows of a table by the roles that its columns play for a task, such as text and label. Knows nothing of file formats or tasks.
import { ConfigError, DataError } from '../core/errors.js';
import { nearestName } from '../core/nearest.js';
import { mix32 } from '../core/random.js';
import type { DataRecord, RecordSource } from './source.js';

/** The column for each role; the texts of several columns are put together line by line. */
export type ColumnMapping = Readonly<Record<string, string | readonly string[]>>;

export interface RowOptions {
  readonly columns: ColumnMapping;
  /** Roles whose column may be missing or empty; their value is then the empty string. */
  readonly optional?: readonly string[] | undefined;
  /** Passes over bad records and counts them; otherwise the first one is an error. */
  readonly skipBad?: boolean | undefined;
  /** What becomes of a row that says in all roles what an earlier one said; `keep` by default. Both ways they are counted. */
  readonly duplicates?: 'keep' | 'drop' | undefined;
}

export interface Row {
  /** By role. */
  readonly values: Readonly<Record<string, string>>;
  /** Where it stands in its file, counted from 1. */
  readonly line: number;
}

/** What was found in a table. */
export interface RowReport {
  readonly name: string;
  /** Rows that were given out. */
  readonly rows: number;
  /** Rows in which a role that is needed has no text; never given out. */
  readonly empty: number;
  /** Rows that say what an earlier one said. */
  readonly duplicates: number;
  /** Records that were passed over, ... */
  readonly bad: number;
  /** ... what was wrong with the first few, ... */
  readonly problems: readonly string[];
  /** ... and where the first of them stand, as lines or rows counted from 1. */
  readonly badLines: readonly number[];
}

const keptProblems = 5;
const keptLines = 20;

/**
 * Reads rows once, in memory that does not grow with their length (a number for each row, to know duplicates by a 53-bit hash).
 *
 * @example
 * const reader = new RowReader(await openRecords(files, 'reviews.csv'), { columns: { text: 'review', label: 'label' } });
 * for await (const { values } of reader.rows()) count(values.label);
 * reader.report(); // { rows: 7765, empty: 1, duplicates: 3, bad: 0, ... }
 */
export class RowReader {
  private readonly source: RecordSource;
  private readonly options: RowOptions;
  private readonly columns: readonly (readonly [role: string, columns: readonly string[]])[];
  private readonly seen = new Set<number>();
  private readonly problems: DataError[] = [];
  private readonly counts = { rows: 0, empty: 0, duplicates: 0, bad: 0 };

  /** @throws {ConfigError} when no column is named */
  constructor(source: RecordSource, options: RowOptions) {
    this.source = source;
    this.options = options;
    this.columns = Object.entries(options.columns).map(([role, names]) => [role, [names].flat()]);
    if (this.columns.length > 0) return;
    throw new ConfigError('No column is named to read from the table. Name at least one.');
  }

  /**
   * @throws {DataError} at the first bad record (unless they are skipped), for a column that is missing, and when no row is left
   */
  async *rows(): AsyncGenerator<Row> {
    const onBad = this.options.skipBad ? (problem: DataError): void => this.countBad(problem) : undefined;
    for await (const record of this.source.records({ onBad })) {
      const row = this.rowOf(record);
      if (row !== undefined) {
        this.counts.rows++;
        yield row;
      }
    }
    if (this.counts.rows === 0) throw this.problems[0] ?? this.nothing();
  }

  /** What was found so far. */
  report(): RowReport {
    const found = { name: this.source.name, ...this.counts, bad: 0, problems: [], badLines: [] };
    return { ...withProblems(found, this.problems), bad: this.counts.bad };
  }

  private rowOf(record: DataRecord): Row | undefined {
    const texts: [role: string, text: string][] = [];
    const optional = this.options.optional ?? [];
    let isEmpty = Object.keys(record.values).length === 0;
    for (const [role, columns] of isEmpty ? [] : this.columns) {
      const text = this.textOf(record, role, columns);
      if (text instanceof DataError) {
        this.bad(text);
        return undefined;
      }
      isEmpty ||= text.trim() === '' && !optional.includes(role);
      texts.push([role, text]);
    }
    if (isEmpty) this.counts.empty++;
    else if (!this.isDuplicate(texts) || this.options.duplicates !== 'drop')
      return { values: Object.fromEntries(texts), line: record.line };
    return undefined;
  }

  private textOf(record: DataRecord, role: string, columns: readonly string[]): string | DataError {
    const texts: string[] = [];
    for (const column of columns) {
      const value = record.values[column];
      const isMissing = value === undefined && !this.options.optional?.includes(role);
      const text = isMissing ? undefined : plainText(value);
      if (text === undefined) return this.unusable(record, role, column);
      if (text !== '') texts.push(text);
    }
    return texts.join('\n');
  }

  private unusable({ values, line }: DataRecord, role: string, column: string): DataError {
    const found = Object.keys(values);
    const nearest = nearestName(column, found);
    const where = `${this.source.unit === 'line' ? 'Line' : 'Row'} ${line} of "${this.source.name}"`;
    const problem =
      values[column] === undefined
        ? `has no column "${column}" for the ${role}. It has: ${found.map((name) => `"${name}"`).join(', ')}.${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`
        : `holds an object in the column "${column}", and text was expected for the ${role}.`;
    return new DataError(`${where} ${problem}`, {
      fields: { path: this.source.name, line, column, role, found },
    });
  }

  private isDuplicate(texts: readonly (readonly [string, string])[]): boolean {
    const key = hash53(texts.map(([, text]) => text).join('\0'));
    const known = this.seen.has(key);
    this.seen.add(key);
    if (known) this.counts.duplicates++;
    return known;
  }

  private bad(problem: DataError): void {
    if (!this.options.skipBad) throw problem;
    this.countBad(problem);
  }

  private countBad(problem: DataError): void {
    this.counts.bad++;
    if (this.problems.length < keptLines) this.problems.push(problem);
  }

  private nothing(): DataError {
    return new DataError(
      `"${this.source.name}" has no row with text in every column that is needed: ${this.counts.empty} are empty. Check which columns are named.`,
      { fields: { path: this.source.name, ...this.counts } },
    );
  }
}

/** All rows of a table, and what was found. @throws {DataError} as `RowReader.rows` */
export async function readRows(
  source: RecordSource,
  options: RowOptions,
): Promise<{ readonly rows: readonly Row[]; readonly report: RowReport }> {
  const reader = new RowReader(source, options);
  const rows: Row[] = [];
  for await (const row of reader.rows()) rows.push(row);
  return { rows, report: reader.report() };
}

/** A report with further records that were passed over. */
export function withProblems(report: RowReport, problems: readonly DataError[]): RowReport {
  const lines = problems.flatMap(({ fields }) =>
    typeof fields['line'] === 'number' ? [fields['line']] : [],
  );
  return {
    ...report,
    bad: report.bad + problems.length,
    problems: [...report.problems, ...problems.map(({ message }) => message)].slice(0, keptProblems),
    badLines: [...report.badLines, ...lines].slice(0, keptLines),
  };
}

/** What was found, in words for people. */
export function describeRows(report: RowReport): string {
  const { name, rows, empty, duplicates, bad, problems, badLines } = report;
  const more = bad > badLines.length ? ', ...' : '';
  const where = badLines.length === 0 ? '' : `: ${badLines.join(', ')}${more}`;
  const parts = [
    `${counted(rows, 'row')} of ${name}`,
    empty > 0 ? `${counted(empty, 'empty row')} left out` : '',
    duplicates > 0 ? counted(duplicates, 'duplicate') : '',
    bad > 0 ? `${counted(bad, 'bad row')} skipped${where} (the first: ${problems[0] ?? ''})` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** A value as text; `undefined` for an object. Lists are joined line by line, as the turns of a dialogue are. */
function plainText(value: unknown): string | undefined {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) {
    const texts = value.map(plainText);
    return texts.includes(undefined) ? undefined : texts.join('\n');
  }
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? undefined : String(value);
}

/** FNV-1a twice with different beginnings, mixed. */
function hash53(text: string): number {
  let [a, b] = [0x811c9dc5, 0x2f0b4c47];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x01000197);
  }
  return mix32(a) * 2 ** 21 + (mix32(b ^ text.length) >>> 11);
}
