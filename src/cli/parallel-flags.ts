// Flags that name text files which belong together line by line. Knows no verb.
import type { Command } from 'commander';
import type { RecordSource } from '../data/index.js';
import { UsageError } from '../core/errors.js';

export interface ParallelFlags {
  readonly source?: string | undefined;
  readonly target?: string | undefined;
  readonly encoding?: string | undefined;
}

/** Adds the flags to a verb. */
export function withParallelFlags(command: Command): Command {
  return command
    .option('--source <file>', 'texts to translate, one a line, in the place of a table')
    .option('--target <file>', 'their translations, one a line');
}

/**
 * The table that flags name: a file, or two that belong together.
 * @throws {UsageError} when they name both, or half of one
 */
export async function tableOf(
  { source, target, encoding }: ParallelFlags,
  data: string | undefined,
  names: { readonly data: string; readonly source: string; readonly target: string },
): Promise<string | RecordSource | undefined> {
  if (source === undefined && target === undefined) return data;
  if (data !== undefined)
    throw new UsageError(`Give ${names.data}, or ${names.source} and ${names.target}; not both.`);
  if (source === undefined || target === undefined)
    throw new UsageError(`${names.source} and ${names.target} belong together: give both.`);
  const { files } = await import('../core/files.node.js');
  const { parallelText } = await import('../data/index.js');
  return parallelText(files, { source, target }, encoding);
}
