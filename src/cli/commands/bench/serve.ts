// `mneme bench serve`: many conversations at once against the server.
import { Command, Option } from 'commander';
import type { ServeBenchReport } from '../../bench/serve.js';
import { wholeNumber } from '../../options.js';
import { formatCount, print, printJson, progressLine } from '../../output.js';
import { surroundings } from '../../surroundings.js';

interface ServeBenchFlags {
  readonly sessions: number;
  readonly seconds: number;
  readonly words: number;
  readonly wordMs: number;
  readonly store?: string;
  readonly stub?: boolean;
  readonly json?: boolean;
}

export function command(): Command {
  return new Command('serve')
    .description(
      'Many streaming conversations at once, every other turn with memory, against a generator that says words in step.',
    )
    .option('--sessions <n>', 'conversations at once', wholeNumber(1), 200)
    .option('--seconds <n>', 'for how long', wholeNumber(1), 600)
    .option('--words <n>', 'words of an answer', wholeNumber(1), 40)
    .option('--word-ms <n>', 'milliseconds between words', wholeNumber(0), 100)
    .option(
      '--store <folder>',
      'an empty folder, or postgres://... (default: a new folder, removed afterwards)',
    )
    .addOption(new Option('--stub', 'the server of the measurement').hideHelp())
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

async function run({ store, stub, json, ...sizes }: ServeBenchFlags): Promise<void> {
  if (stub) {
    const { serveStub } = await import('../../bench/serve-stub.js');
    return serveStub({ store: store ?? 'memory', ...sizes }, (url) => printJson({ url }));
  }
  const { benchServe } = await import('../../bench/serve.js');
  const { withScratchFolder } = await import('../../scratch.js');
  const { interruptible } = await import('../../interrupt.js');
  const onProgress = (turns: number, errors: number): void =>
    progressLine.update(() => `bench serve: ${formatCount(turns)} turns, ${errors} errors`);
  const measure = (address: string): Promise<ServeBenchReport> =>
    interruptible('Stopping, with what was measured so far.', (signal) =>
      benchServe({ ...sizes, store: address, signal, onProgress }),
    );
  const report = store === undefined ? await withScratchFolder(measure) : await measure(store);
  progressLine.clear();
  if (json) printJson(report);
  else show(report);
  if (report.errors + report.lost + report.doubled > 0) surroundings().exitCode = 1;
}

function show({ turns, errors, firstErrors, lost, doubled, ...report }: ServeBenchReport): void {
  const { firstWordMs: first, overheadMs: over, residentMegabytes: resident, heapMegabytes: heap } = report;
  print(
    `${report.sessions} conversations for ${report.seconds} s: ${formatCount(turns.memory)} turns with memory, ${formatCount(turns.plain)} without; ${errors} errors, ${lost} lost, ${doubled} doubled`,
  );
  for (const error of firstErrors) print(`  ${error}`);
  print(
    `first word: ${first.memory.p50} ms with memory (p95 ${first.memory.p95}), ${first.plain.p50} ms without (p95 ${first.plain.p95})`,
  );
  print(`memory adds ${over.p50} ms (p95 ${over.p95})`);
  print(
    `resident ${resident.start} MB, later ${resident.end} MB; heap ${heap.start} MB, later ${heap.end} MB`,
  );
}
