// `mneme recall`: finds in the archive what answers a question.
import { Command, Option } from 'commander';
import type { ItemKind, Recollection } from '../../archive/index.js';
import type { ArchiveFlags } from '../archive.js';
import { itemKinds } from '../../archive/types.js';
import { warnings, withArchive, withArchiveFlags } from '../archive.js';
import { given } from '../../core/given.js';
import { wholeNumber } from '../options.js';
import { faint, note, print, printJson } from '../output.js';

interface RecallFlags extends ArchiveFlags {
  readonly limit: number;
  readonly session?: string;
  readonly kind?: readonly ItemKind[];
  readonly since?: string;
  readonly until?: string;
  readonly at?: string;
  readonly neighbours?: number;
  readonly allUsers?: boolean;
  readonly explain?: boolean;
}

export function command(): Command {
  const verb = new Command('recall')
    .description('Find in the archive what answers a question, best first.')
    .argument('<question>', 'the question, or words to look for')
    .option('--limit <n>', 'number of results', wholeNumber(1), 5)
    .option('--session <name>', 'only from this conversation')
    .addOption(new Option('--kind <kind...>', 'only items of these kinds').choices(itemKinds))
    .option('--since <time>', 'only from this time on')
    .option('--until <time>', 'only before this time')
    .option('--at <time>', 'when the question is asked, which "last May" refers to (default: now)')
    .option('--neighbours <n>', 'turns before and after each result to show', wholeNumber(0))
    .option('--all-users', 'from all users of the tenant')
    .option('--explain', 'say why each one was found');
  return withArchiveFlags(verb).action(run);
}

async function run(question: string, flags: RecallFlags): Promise<void> {
  const { explain } = await import('../../archive/index.js');
  const { languageOf } = await import('../../tasks/chat/message.js');
  const { limit, session, since, until, at, neighbours, allUsers, kind: kinds } = flags;
  const options = given({ limit, session, since, until, at, neighbours, allUsers, kinds });
  const results = await withArchive(flags, (archive) => archive.recall(question, options), { log: warnings });
  const reasons = (result: Recollection): readonly string[] =>
    flags.explain ? explain(result, languageOf(question)) : [];
  if (flags.json) {
    const explained = results.map((result) => ({ ...result, explanation: reasons(result) }));
    return printJson({ question, results: flags.explain ? explained : results });
  }
  if (results.length === 0) note('Nothing was found.');
  for (const result of results) {
    print(lineOf(result.item));
    for (const neighbour of result.neighbours) print(faint(`    | ${lineOf(neighbour)}`));
    for (const line of reasons(result)) print(faint(`    ${line}`));
  }
}

const lineOf = ({ id, time, speaker, text }: Recollection['item']): string =>
  `${id}  ${time}  ${speaker === undefined ? '' : `${speaker}: `}${text}`;
