// The archive of a verb: where it lies, whose it is, and that it is closed again.
import { homedir } from 'node:os';
import type { Command } from 'commander';
import type { Archive } from '../archive/index.js';

export interface ArchiveFlags {
  readonly store?: string;
  readonly tenant?: string;
  readonly user?: string;
  readonly json?: boolean;
}

/** The flags that every verb of the archive has. */
export function withArchiveFlags(command: Command): Command {
  return command
    .option('--store <folder>', 'folder, or postgres://... (default: $DATABASE_URL, else ~/.mneme/archive)')
    .option('--tenant <name>', 'whose data it is (default: default)')
    .option('--user <name>', 'of whom it is told (default: default)')
    .option('--json', 'print the result as one JSON object');
}

/** Opens the archive for `work` and closes it afterwards. */
export async function withArchive<T>(
  flags: ArchiveFlags,
  work: (archive: Archive) => Promise<T>,
): Promise<T> {
  const { openArchive } = await import('../archive/index.js');
  const store = flags.store ?? process.env['DATABASE_URL'] ?? `${homedir()}/.mneme/archive`;
  const names = {
    ...(flags.tenant === undefined ? {} : { tenant: flags.tenant }),
    ...(flags.user === undefined ? {} : { user: flags.user }),
  };
  const archive = await openArchive({ store, ...names });
  try {
    return await work(archive);
  } finally {
    await archive.close();
  }
}
