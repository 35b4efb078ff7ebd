// `mneme archive reindex`: makes the indexes again from the texts, or changes the embedder.
import { Command } from 'commander';
import type { ArchiveFlags } from '../../archive.js';
import { longWork, withArchiveFlags, withArchiveOptions } from '../../archive.js';
import { formatDuration, print, printJson } from '../../output.js';

export function command(): Command {
  const verb = new Command('reindex').description(
    'Make the index of words again; with --embedder also all vectors, by that embedder from now on.',
  );
  return withArchiveFlags(verb).action(run);
}

async function run(flags: ArchiveFlags): Promise<void> {
  const start = performance.now();
  const embedder = await longWork(
    'The index that was in use stays in use; the same command goes on where this one stopped.',
    (work) =>
      withArchiveOptions(flags, async (options) => {
        const { reindexArchive } = await import('../../../archive/index.js');
        await reindexArchive(options, work);
        return options.embedder?.name;
      }),
  );
  const seconds = (performance.now() - start) / 1000;
  if (flags.json) return printJson({ words: true, embedder: embedder ?? null, seconds });
  const vectors = embedder === undefined ? '' : ` and vectors of ${embedder}`;
  print(`Indexed words${vectors} in ${formatDuration(seconds)}.`);
}
