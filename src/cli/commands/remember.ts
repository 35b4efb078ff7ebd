// `mneme remember`: stores a text in the archive.
import { Command } from 'commander';
import type { ArchiveFlags } from '../archive.js';
import { withArchive, withArchiveFlags } from '../archive.js';
import { print, printJson } from '../output.js';

interface RememberFlags extends ArchiveFlags {
  readonly session?: string;
  readonly speaker?: string;
  readonly time?: string;
}

export function command(): Command {
  const verb = new Command('remember')
    .description('Store a text in the archive, with the facts found in it.')
    .argument('<text>', 'what was said')
    .option('--session <name>', 'the conversation it belongs to')
    .option('--speaker <name>', 'who said it')
    .option('--time <time>', 'when it was said, such as 2026-05-01T10:00:00Z (default: now)');
  return withArchiveFlags(verb).action(run);
}

async function run(text: string, flags: RememberFlags): Promise<void> {
  const { session, speaker, time } = flags;
  const given = Object.fromEntries(
    Object.entries({ session, speaker, time }).filter(([, value]) => value !== undefined),
  );
  const outcome = await withArchive(flags, (archive) => archive.remember({ text, ...given }));
  if (flags.json) return printJson(outcome);
  const facts = outcome.facts.length === 0 ? '' : `, with ${outcome.facts.length} facts`;
  print(`${outcome.status}: ${outcome.id ?? ''}${facts}`);
}
