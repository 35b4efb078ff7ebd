// `mneme read`: lets a trained model read a text, and keeps what it remembers.
import { Command, Option } from 'commander';
import type { ReadTextProgress } from '../../tasks/language-model/read-text.js';
import { wholeNumber } from '../options.js';
import { formatBytes, formatCount, formatDuration, note, print, printJson, progressLine } from '../output.js';

interface ReadFlags {
  readonly data: string;
  readonly state: string;
  readonly field?: string;
  readonly checkpoint?: 'best' | 'last';
  readonly threads?: number;
  readonly json?: boolean;
}

/** What `mneme read --json` prints. */
interface ReadSummary {
  readonly state: string;
  /** Tokens of the text that are read, and how many of them an earlier attempt had read. */
  readonly tokens: number;
  readonly before: number;
  readonly finished: boolean;
  /** Bytes of memory, whatever the length of the text. */
  readonly stateBytes: number;
  readonly tokensPerSecond: number;
  readonly seconds: number;
}

export function command(): Command {
  return new Command('read')
    .description('Let a trained model read a text of any length, and keep what it remembers.')
    .argument('<run>', 'run folder')
    .requiredOption('--data <path>', 'text file, folder of texts, or .jsonl file')
    .requiredOption(
      '--state <file>',
      'what the model remembers: goes on from there if the file exists, and is saved there',
    )
    .option('--field <name>', 'field of JSONL records that holds the text (default: text)')
    .addOption(new Option('--checkpoint <which>', 'default: best if there is one').choices(['best', 'last']))
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

async function run(folder: string, flags: ReadFlags): Promise<void> {
  const summary = await read(folder, flags);
  progressLine.clear();
  if (!summary.finished) note('Stopped, saved. The same command goes on from here.');
  if (flags.json) return printJson(summary);
  const { tokens, before, seconds, tokensPerSecond, stateBytes } = summary;
  const earlier = before === 0 ? '' : `, ${formatCount(before)} of them before`;
  print(
    `${formatCount(tokens)} tokens read${earlier}, in ${formatDuration(seconds)} (${formatCount(tokensPerSecond)} tokens/s)`,
  );
  print(`${flags.state}: ${formatBytes(stateBytes)} of memory`);
}

async function read(folder: string, flags: ReadFlags): Promise<ReadSummary> {
  const { files } = await import('../../core/files.node.js');
  const { openSource } = await import('../../data/index.js');
  const { loadLanguageModel } = await import('../../tasks/language-model/load.js');
  const { readText } = await import('../../tasks/language-model/read-text.js');
  const { withRuntime } = await import('../runtime.js');
  const { withTextSession } = await import('../text-session.js');
  const { interruptible } = await import('../interrupt.js');
  const { data, field, state: path, threads, checkpoint } = flags;
  const source = await openSource(files, data, field === undefined ? {} : { field });
  const saved = await loadLanguageModel(files, folder, checkpoint);
  return interruptible('Stopping, with what was read so far. Ctrl-C again ends at once.', (signal) =>
    withRuntime({ threads }, (runtime) =>
      withTextSession(runtime, saved, path, async (session) => {
        const began = performance.now();
        const options = { signal, onProgress, state: { files, path } };
        const outcome = await readText(session, source, options);
        const seconds = (performance.now() - began) / 1000;
        const tokensPerSecond = (outcome.tokens - outcome.before) / seconds;
        return { state: path, ...outcome, stateBytes: session.stateBytes(), tokensPerSecond, seconds };
      }),
    ),
  );
}

function onProgress({ tokens, bytesRead, totalBytes }: ReadTextProgress): void {
  progressLine.update(() => {
    const total = totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`;
    return `reading: ${formatCount(tokens)} tokens, ${formatBytes(bytesRead)}${total}`;
  });
}
