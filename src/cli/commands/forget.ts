// `mneme forget`: erases from the archive, everywhere, with a receipt.
import { Command } from 'commander';
import type { ForgetChoice, ForgetOptions } from '../../archive/index.js';
import type { ArchiveFlags } from '../archive.js';
import { UsageError } from '../../core/errors.js';
import { warnings, withArchive, withArchiveFlags } from '../archive.js';
import { given } from '../../core/given.js';
import { number, wholeNumber } from '../options.js';
import { print, printJson } from '../output.js';

interface ForgetFlags extends ArchiveFlags, ForgetOptions {
  readonly session?: string;
  readonly document?: number;
  readonly query?: string;
  readonly expired?: boolean;
  readonly weakerThan?: number;
  readonly halfLife?: number;
  readonly everything?: boolean;
}

export function command(): Command {
  const verb = new Command('forget')
    .description('Erase from the archive for good: rows, indexes, history. Gives a receipt.')
    .argument('[id...]', 'items, by the ids that recall shows')
    .option('--session <name>', 'a whole conversation')
    .option('--document <n>', 'a document, by its number', wholeNumber(0))
    .option('--query <words>', 'everything that contains all of these words')
    .option('--expired', 'what has expired')
    .option('--weaker-than <strength>', 'episodes that faded: 1 when said, halved every half-life', number(0))
    .option('--half-life <days>', 'of --weaker-than (default: 180)', number(0))
    .option('--everything', 'all that is held of --user')
    .option('--keep-sources', 'with a fact, keep the episodes that say it')
    .option('--dry-run', 'only say what would go')
    .option('--scrub', "rewrite the store's files afterwards, so that nothing is left in free space");
  return withArchiveFlags(verb).action(run);
}

async function run(ids: readonly string[], flags: ForgetFlags): Promise<void> {
  const choice = chosen(ids, flags);
  const { keepSources, dryRun, scrub } = flags;
  const options = given({ keepSources, dryRun, scrub });
  const receipt = await withArchive(flags, (archive) => archive.forget(choice, options), { log: warnings });
  if (flags.json) return printJson(receipt);
  if (dryRun) return print(`Would erase ${receipt.ids.length} items: ${receipt.ids.join(', ')}`);
  const scrubbed = receipt.scrubbed ? ', files rewritten' : '';
  print(
    `Erased ${receipt.ids.length} items (${receipt.reason})${scrubbed}; receipt ${receipt.id}, ${receipt.at}.`,
  );
}

/** @throws {UsageError} unless exactly one way to choose was given */
function chosen(ids: readonly string[], flags: ForgetFlags): ForgetChoice {
  const { session, document, query, expired, weakerThan, halfLife, everything, user } = flags;
  const of = given({ user });
  if (everything && user === undefined)
    throw new UsageError('--everything needs --user NAME: of whom all is erased.');
  const choices: readonly (ForgetChoice | false)[] = [
    ids.length > 0 && { ids },
    session !== undefined && { session, ...of },
    document !== undefined && { document, ...of },
    query !== undefined && { query, ...of },
    expired === true && { expired, ...of },
    weakerThan !== undefined && { weakerThan, ...given({ halfLifeDays: halfLife }), ...of },
    everything === true && user !== undefined && { user },
  ];
  const [choice, ...others] = choices.filter((one) => one !== false);
  if (choice !== undefined && others.length === 0) return choice;
  throw new UsageError(
    'Say what to forget in one way: ids, --session, --document, --query, --expired, --weaker-than or --everything.',
  );
}
