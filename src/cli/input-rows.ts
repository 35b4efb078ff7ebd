// Rows of a table that a verb works on, each text with its context, instead of plain texts. Knows no particular task.
import type { Command } from 'commander';
import type { Row } from '../data/index.js';
import type { SavedTask } from '../tasks/tune/load.js';
import type { TextInContext, TextOrInContext } from '../tasks/tune/text-in-context.js';
import type { TableFlags } from './table-flags.js';
import { UsageError } from '../core/errors.js';
import { listOf } from './options.js';
import { note } from './output.js';
import { columnsOf, tableOptions, withTableFlags } from './table-flags.js';

export interface InputRowFlags extends TableFlags {
  readonly data?: string;
  readonly context?: readonly string[];
}

/** Adds the flags to a verb. */
export function withInputRowFlags(command: Command): Command {
  return withTableFlags(
    command
      .option('--data <file>', 'table whose rows to read: .csv, .tsv, .jsonl (also in .gz) or .parquet')
      .option(
        '--context <columns>',
        'with --data: columns in front of the text (default: those of training)',
        listOf(String),
      ),
  );
}

/**
 * Rows that flags name, in the roles that a task reads; says what was found, and none without `--data`.
 * @throws {UsageError} when columns are named and there is no table
 */
export async function inputRows(
  saved: SavedTask,
  flags: InputRowFlags,
  roles: readonly string[],
): Promise<readonly Row[]> {
  const { data, context } = flags;
  const columns = columnsOf(flags);
  if (data === undefined) {
    if (context === undefined && Object.keys(columns).length === 0) return [];
    throw new UsageError('Columns are named, and there is no table that has them. Give it with --data FILE.');
  }
  const { files } = await import('../core/files.node.js');
  const { describeRows } = await import('../data/index.js');
  const { readInputRows } = await import('../tasks/tune/input-rows.js');
  const { rows, report } = await readInputRows(files, saved, {
    data,
    roles,
    columns,
    context,
    ...tableOptions(flags),
  });
  note(describeRows(report));
  return rows;
}

/** A text of a row, and where that stands. */
export interface InputText extends TextInContext {
  readonly line: number;
}

/** The texts that rows have in a role. */
export async function inputTexts(
  saved: SavedTask,
  flags: InputRowFlags,
  role: string,
): Promise<readonly InputText[]> {
  const { textInContext } = await import('../tasks/tune/text-in-context.js');
  const { context: trained } = saved.columns;
  const rows = await inputRows(saved, flags, [role]);
  return rows.map((row): InputText => {
    const { text, context } = textInContext(row, role, trained);
    return { text, context, line: row.line };
  });
}

/** Says that texts without rows are read without the context that a run was trained with. */
export function noteEmptyContext({ columns: { context } }: SavedTask): void {
  if (context.length === 0) return;
  const names = context.map((name) => `"${name}"`).join(', ');
  note(`The run was trained with context (${names}); it is empty here. Rows of a table have it: --data FILE`);
}

/** A text without what stands in front of it. */
export function plainText(given: TextOrInContext): string {
  return typeof given === 'string' ? given : given.text;
}

/** A text as JSON shows it, with its line and its context where it has them. @param name what the text is called */
export function shownInput(
  given: TextOrInContext | InputText,
  name: string,
): Readonly<Record<string, unknown>> {
  if (typeof given === 'string') return { [name]: given };
  const { text, context } = given;
  return {
    ...('line' in given && { line: given.line }),
    [name]: text,
    ...(context.length > 0 && { context }),
  };
}
