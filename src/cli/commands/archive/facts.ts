// `mneme archive facts`: what is held to be true of a user.
import { Command } from 'commander';
import type { ArchiveFlags } from '../../archive.js';
import { withArchive, withArchiveFlags } from '../../archive.js';
import { given } from '../../../core/given.js';
import { note, print, printJson } from '../../output.js';

interface FactsFlags extends ArchiveFlags {
  readonly at?: string;
  readonly closed?: boolean;
}

export function command(): Command {
  const verb = new Command('facts')
    .description('Show what is held to be true, with since when and from which episodes.')
    .option('--at <time>', 'what held then (default: now)')
    .option('--closed', 'also what no longer holds');
  return withArchiveFlags(verb).action(run);
}

async function run(flags: FactsFlags): Promise<void> {
  const { at, closed, user } = flags;
  const facts = await withArchive(flags, (archive) => archive.facts(given({ at, closed, user })));
  if (flags.json) return printJson({ facts });
  if (facts.length === 0) note('No facts were found in what was told.');
  for (const { id, text, fact, sources } of facts) {
    const until = fact?.validTo === undefined ? '' : ` to ${fact.validTo}`;
    print(`${id}  ${text}  (since ${fact?.validFrom ?? '?'}${until}, from ${sources.join(', ')})`);
  }
}
