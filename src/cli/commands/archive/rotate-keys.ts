// `mneme archive rotate-keys`: seals every text anew with the current key.
import { Command } from 'commander';
import type { ArchiveFlags } from '../../archive.js';
import { longWork, withArchive, withArchiveFlags } from '../../archive.js';
import { formatCount, print, printJson } from '../../output.js';

export function command(): Command {
  const verb = new Command('rotate-keys').description(
    'Seal every text of the store with --key instead of --previous-key.',
  );
  return withArchiveFlags(verb).action(run);
}

async function run(flags: ArchiveFlags): Promise<void> {
  const sealed = await longWork('The same command goes on where this one stopped.', (work) =>
    withArchive(flags, (archive) => archive.rotateKeys(work)),
  );
  if (flags.json) return printJson({ sealed });
  print(`${formatCount(sealed)} texts are sealed with the current key; earlier keys open nothing any more.`);
}
