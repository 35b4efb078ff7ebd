// Flags that say which columns of a table hold what. Knows no verb and no particular task.
import type { Command } from 'commander';
import { UsageError } from '../core/errors.js';
import { given } from '../core/given.js';
import { collected } from './options.js';

/** Shorthands of `--column ROLE=NAME`. */
const roles = [
  'text',
  'label',
  'tokens',
  'labels',
  'source',
  'target',
  'summary',
  'question',
  'answer',
] as const;

type RoleFlags = { readonly [Role in (typeof roles)[number] as `${Role}Column`]?: string };

export interface TableFlags extends RoleFlags {
  readonly column?: readonly string[];
  readonly encoding?: string;
  readonly header?: boolean;
  readonly skipBad?: boolean;
}

/** Adds the flags to a verb. */
export function withTableFlags(command: Command): Command {
  for (const role of roles) command.option(`--${role}-column <name>`, `column of the ${role}`);
  return command
    .option('--column <role=name>', 'column of any other role; may be given several times', collected)
    .option('--encoding <name>', 'of text files, such as latin1 or gb18030 (default: detected)')
    .option('--no-header', 'the first row is data already: columns are called 1, 2, ...')
    .option('--skip-bad', 'pass over rows that cannot be read or that the task refuses, and count them');
}

/** Columns by role. @throws {UsageError} when one is not ROLE=NAME */
export function columnsOf(flags: TableFlags): Readonly<Record<string, string>> {
  const short = roles.map((role) => [role, flags[`${role}Column`]] as const);
  const named = (flags.column ?? []).map((text) => {
    const at = text.indexOf('=');
    if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)] as const;
    throw new UsageError(`--column got "${text}"; ROLE=NAME was expected, such as text=review.`);
  });
  return given(Object.fromEntries([...short, ...named])) as Record<string, string>;
}

/** How tables are read. */
export function tableOptions({ encoding, header, skipBad }: TableFlags) {
  return { encoding, header, skipBad };
}
