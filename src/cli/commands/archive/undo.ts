// `mneme archive undo`: sets back what an operation of the history changed.
import { Command } from 'commander';
import type { ArchiveFlags } from '../../archive.js';
import { withArchive, withArchiveFlags } from '../../archive.js';
import { wholeNumber } from '../../options.js';
import { print, printJson } from '../../output.js';

export function command(): Command {
  const verb = new Command('undo')
    .description('Set back what an operation changed. Undoing can be undone; what was forgotten is gone.')
    .argument('<operation>', 'its number in `mneme archive history`', wholeNumber(1));
  return withArchiveFlags(verb).action(run);
}

async function run(operation: number, flags: ArchiveFlags): Promise<void> {
  const undoing = await withArchive(flags, (archive) => archive.undo(operation));
  if (flags.json) return printJson({ operation, undoing });
  print(`Operation ${operation} is undone, by operation ${undoing}.`);
}
