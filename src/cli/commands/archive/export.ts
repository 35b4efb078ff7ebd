// `mneme archive export`: writes all that is held of a user as JSON Lines.
import { Command } from 'commander';
import type { ArchiveFlags } from '../../archive.js';
import { throwIfAborted } from '../../../core/abort.js';
import { UsageError } from '../../../core/errors.js';
import { longWork, withArchive, withArchiveFlags } from '../../archive.js';
import { formatCount, print, printJson } from '../../output.js';
import { writeToFile, writeToOutput } from '../../write-lines.js';

interface ExportFlags extends ArchiveFlags {
  readonly out?: string;
}

export function command(): Command {
  const verb = new Command('export')
    .description('Write all that is held of --user: one JSON object a line, readable as it is.')
    .option('--out <file>', 'file to write (default: standard output)');
  return withArchiveFlags(verb).action(run);
}

async function run(flags: ExportFlags): Promise<void> {
  const { out, user } = flags;
  if (flags.json && out === undefined)
    throw new UsageError('--json needs --out FILE: the export itself goes to standard output otherwise.');
  const lines = await longWork('No file was written.', ({ signal, onProgress }) =>
    withArchive(flags, async (archive) => {
      let done = 0;
      const counted = async function* (): AsyncGenerator<string> {
        for await (const line of archive.export(user)) {
          throwIfAborted(signal);
          yield `${line}\n`;
          onProgress?.({ phase: 'read', done: ++done });
        }
      };
      await (out === undefined ? writeToOutput(counted()) : writeToFile(out, counted()));
      return done;
    }),
  );
  if (flags.json) return printJson({ path: out, lines });
  if (out !== undefined) print(`${formatCount(lines)} lines in ${out}.`);
}
