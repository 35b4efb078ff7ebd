// `mneme archive check`: whether rows, indexes, vectors and counts of the archive agree.
import { Command } from 'commander';
import type { ArchiveFlags } from '../../archive.js';
import { longWork, withArchive, withArchiveFlags } from '../../archive.js';
import { formatCount, note, print, printJson } from '../../output.js';
import { surroundings } from '../../surroundings.js';

export function command(): Command {
  const verb = new Command('check').description(
    'Compare rows, indexes, vectors and counts. Changes nothing; ends with 1 when something is wrong.',
  );
  return withArchiveFlags(verb).action(run);
}

async function run(flags: ArchiveFlags): Promise<void> {
  const report = await longWork('Nothing was changed.', (work) =>
    withArchive(flags, (archive) => archive.check(work)),
  );
  if (!report.ok) surroundings().exitCode = 1;
  if (flags.json) return printJson(report);
  for (const { message } of report.problems) print(message);
  const { users, items, postings, vectors, problemCount } = report;
  const counts = [
    `${formatCount(users)} users`,
    `${formatCount(items)} items`,
    `${formatCount(postings)} postings`,
    `${formatCount(vectors)} vectors`,
  ].join(', ');
  print(`${report.ok ? 'Sound' : `${formatCount(problemCount)} problems`}: ${counts}.`);
  if (!report.ok) note('`mneme archive reindex` makes the indexes again from the texts.');
}
