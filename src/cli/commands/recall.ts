// `mneme recall`: finds in the archive what answers a question.
import { Command } from 'commander';
import type { ArchiveFlags } from '../archive.js';
import { withArchive, withArchiveFlags } from '../archive.js';
import { wholeNumber } from '../options.js';
import { faint, note, print, printJson } from '../output.js';

interface RecallFlags extends ArchiveFlags {
  readonly limit: number;
  readonly session?: string;
  readonly since?: string;
  readonly until?: string;
  readonly explain?: boolean;
}

export function command(): Command {
  const verb = new Command('recall')
    .description('Find in the archive what answers a question, best first.')
    .argument('<question>', 'the question, or words to look for')
    .option('--limit <n>', 'number of results', wholeNumber(1), 5)
    .option('--session <name>', 'only from this conversation')
    .option('--since <time>', 'only from this time on')
    .option('--until <time>', 'only before this time')
    .option('--explain', 'say why each one was found');
  return withArchiveFlags(verb).action(run);
}

async function run(question: string, flags: RecallFlags): Promise<void> {
  const { explain } = await import('../../archive/index.js');
  const { limit, session, since, until } = flags;
  const filters = Object.fromEntries(
    Object.entries({ session, since, until }).filter(([, value]) => value !== undefined),
  );
  const results = await withArchive(flags, (archive) => archive.recall(question, { limit, ...filters }));
  if (flags.json) return printJson({ question, results });
  if (results.length === 0) note('Nothing was found.');
  for (const result of results) {
    const { item } = result;
    print(`${item.id}  ${item.time}  ${item.text}`);
    if (flags.explain) for (const line of explain(result)) print(faint(`    ${line}`));
  }
}
