// `mneme archive import`: takes in what `mneme archive export` wrote.
import { Command } from 'commander';
import type { ArchiveFlags } from '../../archive.js';
import { longWork, withArchive, withArchiveFlags } from '../../archive.js';
import { linesOf } from '../../lines.js';
import { given } from '../../../core/given.js';
import { formatCount, print, printJson } from '../../output.js';

export function command(): Command {
  const verb = new Command('import')
    .description('Take in an export, all of it or nothing. What is there already is left as it is.')
    .argument('<file>', 'what `mneme archive export` wrote; - for standard input');
  return withArchiveFlags(verb).action(run);
}

async function run(file: string, flags: ArchiveFlags): Promise<void> {
  const { user } = flags;
  const report = await longWork('Nothing was imported.', (work) =>
    withArchive(flags, (archive) => archive.import(linesOf(file), { ...work, ...given({ user }) })),
  );
  if (flags.json) return printJson(report);
  const { imported, known, profiles } = report;
  print(
    `${formatCount(imported)} items imported for ${report.user}; ${formatCount(known)} were there already.`,
  );
  if (profiles > 0) print(`${formatCount(profiles)} conversations have their system messages again.`);
}
