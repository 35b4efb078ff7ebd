// `mneme archive history`: what changed in the archive, the newest first.
import { Command } from 'commander';
import type { ArchiveFlags } from '../../archive.js';
import { withArchive, withArchiveFlags } from '../../archive.js';
import { given } from '../../../core/given.js';
import { wholeNumber } from '../../options.js';
import { note, print, printJson } from '../../output.js';

interface HistoryFlags extends ArchiveFlags {
  readonly limit: number;
}

export function command(): Command {
  const verb = new Command('history')
    .description('Show what changed, the newest first. `mneme archive undo` takes its numbers.')
    .option('--limit <n>', 'number of changes', wholeNumber(1), 20);
  return withArchiveFlags(verb).action(run);
}

async function run(flags: HistoryFlags): Promise<void> {
  const { limit, user } = flags;
  const entries = await withArchive(flags, (archive) => archive.history({ limit, ...given({ user }) }));
  if (flags.json) return printJson({ entries });
  if (entries.length === 0) note('Nothing has happened yet.');
  for (const { operation, at, action, id, field, before, after } of entries)
    print(
      `${operation}  ${at}  ${action.padEnd(9)}  ${id}  ${field}: ${before ?? 'nothing'} -> ${after ?? 'nothing'}`,
    );
}
