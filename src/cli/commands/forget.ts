// `mneme forget`: erases from the archive, everywhere, with a receipt.
import { Command } from 'commander';
import type { ForgetChoice } from '../../archive/index.js';
import type { ArchiveFlags } from '../archive.js';
import { UsageError } from '../../core/errors.js';
import { withArchive, withArchiveFlags } from '../archive.js';
import { print, printJson } from '../output.js';

interface ForgetFlags extends ArchiveFlags {
  readonly session?: string;
  readonly query?: string;
  readonly expired?: boolean;
  readonly everything?: boolean;
}

export function command(): Command {
  const verb = new Command('forget')
    .description('Erase from the archive for good: rows, indexes, history. Gives a receipt.')
    .argument('[id...]', 'items, by the ids that recall shows')
    .option('--session <name>', 'a whole conversation')
    .option('--query <words>', 'everything that contains all of these words')
    .option('--expired', 'what has expired')
    .option('--everything', 'all that is held of --user');
  return withArchiveFlags(verb).action(run);
}

async function run(ids: readonly string[], flags: ForgetFlags): Promise<void> {
  const receipt = await withArchive(flags, (archive) => archive.forget(chosen(ids, flags)));
  if (flags.json) return printJson(receipt);
  print(
    `Erased ${receipt.ids.length} items (${receipt.reason}); receipt ${receipt.id ?? 'none'}, ${receipt.at}.`,
  );
}

/** @throws {UsageError} unless exactly one way to choose was given */
function chosen(
  ids: readonly string[],
  { session, query, expired, everything, user }: ForgetFlags,
): ForgetChoice {
  const choices: ForgetChoice[] = [];
  if (ids.length > 0) choices.push({ ids });
  if (session !== undefined) choices.push({ session });
  if (query !== undefined) choices.push({ query });
  if (expired) choices.push({ expired: true });
  if (everything && user === undefined)
    throw new UsageError('--everything needs --user NAME: of whom all is erased.');
  if (everything && user !== undefined) choices.push({ user });
  const [choice] = choices;
  if (choice === undefined || choices.length > 1) {
    throw new UsageError(
      'Say what to forget in one way: ids, --session, --query, --expired or --everything.',
    );
  }
  return choice;
}
