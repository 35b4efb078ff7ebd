// `mneme bench serve`: many conversations at once against the server.
import { Command, Option } from 'commander';
import type { ServeBenchReport } from '../../bench/serve.js';
import { leastCacheMegabytes } from '../../../archive/cache-bounds.js';
import { wholeNumber } from '../../options.js';
import { formatCount, print, printJson, progressLine } from '../../output.js';
import { surroundings } from '../../surroundings.js';

interface ServeBenchFlags {
  readonly sessions: number;
  readonly seconds: number;
  readonly tokens: number;
  readonly firstTokenMs: number;
  readonly tokenMs: number;
  readonly saturate?: boolean;
  readonly store?: string;
  readonly cache: number;
  readonly stub?: boolean;
  readonly json?: boolean;
}

export function command(): Command {
  return new Command('serve')
    .description(
      'Many streaming conversations at once, every other turn with memory, against a generator that says tokens in step.',
    )
    .option('--sessions <n>', 'conversations at once', wholeNumber(1), 200)
    .option('--seconds <n>', 'for how long', wholeNumber(1), 600)
    .option('--tokens <n>', 'tokens of an answer on average', wholeNumber(1), 300)
    .option('--first-token-ms <n>', 'milliseconds before the first token', wholeNumber(0), 200)
    .option('--token-ms <n>', 'milliseconds between tokens', wholeNumber(0), 50)
    .option('--saturate', 'answers come at once: how much the server can do, not how soon')
    .option(
      '--store <folder>',
      'an empty folder, or postgres://... (default: a new folder, removed afterwards)',
    )
    .option(
      '--cache <megabytes>',
      'of the server, as `mneme serve` takes it; so little is soon full, and growth beyond it shows',
      wholeNumber(leastCacheMegabytes),
      64,
    )
    .addOption(new Option('--stub', 'the server of the measurement').hideHelp())
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

async function run({ store, cache, stub, json, saturate, ...asked }: ServeBenchFlags): Promise<void> {
  const speech = saturate ? { firstTokenMs: 0, tokenMs: 0 } : {};
  const sizes = { ...asked, ...speech, cacheMegabytes: cache };
  if (stub) {
    const { serveStub } = await import('../../bench/serve-stub.js');
    return serveStub({ store: store ?? 'memory', ...sizes }, printJson);
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
  const { firstTokenMs: first, overheadMs: over, residentMegabytes: resident, heapMegabytes: heap } = report;
  print(
    `${report.sessions} conversations for ${report.seconds} s: ${formatCount(turns.memory)} turns with memory, ${formatCount(turns.plain)} without; ${errors} errors, ${lost} lost, ${doubled} doubled`,
  );
  for (const error of firstErrors) print(`  ${error}`);
  print(
    `first token: ${first.memory.p50} ms with memory (p95 ${first.memory.p95}), ${first.plain.p50} ms without (p95 ${first.plain.p95})`,
  );
  print(`memory adds ${over.p50} ms (p95 ${over.p95})`);
  print(
    `resident ${resident.start} MB at the start, ${resident.warm} MB when warm, ${resident.end} MB at the end; heap ${heap.start}, ${heap.warm} and ${heap.end} MB`,
  );
}
