// The archive of a verb: where it lies, whose it is, how it is read, and that it is closed again.
import { homedir } from 'node:os';
import type { Command } from 'commander';
import type { Archive, ArchiveOptions, Encryption, LongWork, Progress } from '../archive/index.js';
import { leastCacheMegabytes } from '../archive/cache-bounds.js';
import type { Logger } from '../core/log.js';
import type { EmbedderFlags } from './embedder.js';
import { withEmbedder, withEmbedderFlags } from './embedder.js';
import { interruptible } from './interrupt.js';
import { given } from '../core/given.js';
import { wholeNumber } from './options.js';
import { faint, formatCount, note, progressLine } from './output.js';

export interface ArchiveFlags extends EmbedderFlags {
  readonly store?: string;
  readonly tenant?: string;
  readonly user?: string;
  readonly key?: string;
  readonly previousKey?: readonly string[];
  readonly cache?: number;
  readonly timeZone?: string;
  readonly json?: boolean;
}

/** The flags that every verb of the archive has. */
export function withArchiveFlags(command: Command): Command {
  command
    .option('--store <folder>', 'folder, or postgres://... (default: $DATABASE_URL, else ~/.mneme/archive)')
    .option('--tenant <name>', 'whose data it is (default: default)')
    .option('--user <name>', 'of whom it is told (default: default)');
  return withEmbedderFlags(command)
    .option(
      '--key <source>',
      'encryption key: a file, or env:NAME (default: env:MNEME_ARCHIVE_KEY if it is set)',
    )
    .option('--previous-key <source...>', 'keys that older texts are sealed with')
    .option(
      '--cache <megabytes>',
      'most memory for pages, vectors, words and turns between requests (default: 1800, taken as needed)',
      wholeNumber(leastCacheMegabytes),
    )
    .option(
      '--time-zone <name>',
      'where "yesterday" begins and ends, such as Asia/Shanghai (default: that of this computer)',
    )
    .option('--json', 'print the result as one JSON object');
}

/** Shows warnings, for verbs whose result depends on what they warn of. */
export const warnings: Logger = {
  log(level, message) {
    if (level === 'warn' || level === 'error') note(faint(message));
  },
};

async function encryptionOf({ key, previousKey = [] }: ArchiveFlags): Promise<Encryption | undefined> {
  const source = key ?? (process.env['MNEME_ARCHIVE_KEY'] ? 'env:MNEME_ARCHIVE_KEY' : undefined);
  if (source === undefined) return undefined;
  const { readKey } = await import('../archive/index.js');
  return { key: await readKey(source), previousKeys: await Promise.all(previousKey.map(readKey)) };
}

/** Gives `work` what opens the archive: store, names, embedder, keys. */
export async function withArchiveOptions<T>(
  flags: ArchiveFlags,
  work: (options: ArchiveOptions) => Promise<T>,
): Promise<T> {
  const store = flags.store ?? process.env['DATABASE_URL'] ?? `${homedir()}/.mneme/archive`;
  const { tenant, user, cache, timeZone } = flags;
  const encryption = await encryptionOf(flags);
  return withEmbedder(flags, (embedder) =>
    work({ store, ...given({ tenant, user, embedder, encryption, timeZone, cacheMegabytes: cache }) }),
  );
}

/** Opens the archive for `work` and closes it afterwards. */
export function withArchive<T>(
  flags: ArchiveFlags,
  work: (archive: Archive) => Promise<T>,
  more: Partial<ArchiveOptions> = {},
): Promise<T> {
  return withArchiveOptions(flags, async (options) => {
    const { openArchive } = await import('../archive/index.js');
    const archive = await openArchive({ ...options, ...more });
    try {
      return await work(archive);
    } finally {
      await archive.close();
    }
  });
}

const phases: Readonly<Record<Progress['phase'], string>> = {
  read: 'lines read',
  store: 'items stored',
  words: 'items analysed',
  vectors: 'items embedded',
  search: 'building the search structure over the vectors',
  check: 'items checked',
  seal: 'texts sealed anew',
  ask: 'questions asked',
};

function describe({ phase, done, total }: Progress): string {
  if (phase === 'search') return phases.search;
  return `${formatCount(done)}${total === undefined ? '' : ` of ${formatCount(total)}`} ${phases[phase]}`;
}

/** What is done sooner than this shows no progress. */
const quietMs = 1000;

/** Runs work that shows how far it is and that Ctrl-C ends. @param atEnd what is so after Ctrl-C */
export function longWork<T>(atEnd: string, work: (options: LongWork) => Promise<T>): Promise<T> {
  const start = performance.now();
  const onProgress = (progress: Progress): void => {
    if (performance.now() - start > quietMs) progressLine.update(() => describe(progress));
  };
  return interruptible(`Stopping. ${atEnd}`, async (signal) => {
    try {
      return await work({ signal, onProgress });
    } finally {
      progressLine.clear();
    }
  });
}
