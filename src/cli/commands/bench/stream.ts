// `mneme bench stream`: reads a very long text with each memory.
import { Command } from 'commander';
import { memoryKinds } from '../../../memory/create-memory.js';
import { wholeNumber } from '../../options.js';
import { formatBytes, formatCount, print, printJson, progressLine } from '../../output.js';
import { withRuntime } from '../../runtime.js';

interface StreamFlags {
  readonly memory: readonly string[];
  readonly tokens: number;
  readonly width: number;
  readonly layers: number;
  readonly threads: number;
  readonly json?: boolean;
}

export function command(): Command {
  return new Command('stream')
    .description('Read a very long text with each memory: time per token and memory at its start and end.')
    .option(
      '--memory <names>',
      `memories, with commas between: ${memoryKinds.join(', ')}`,
      (text) => text.split(','),
      ['gru'],
    )
    .option('--tokens <n>', 'tokens to read', wholeNumber(1000), 1_000_000)
    .option('--width <n>', 'width of the model', wholeNumber(4), 128)
    .option('--layers <n>', 'blocks of the model', wholeNumber(1), 1)
    .option('--threads <n>', 'threads of the runtime', wholeNumber(1), 1)
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

async function run({ memory: memories, json, threads, ...sizes }: StreamFlags): Promise<void> {
  const { benchStream } = await import('../../bench/stream.js');
  const onProgress = (memory: string, tokens: number): void =>
    progressLine.update(() => `bench stream: ${memory}, ${formatCount(tokens)} tokens`);
  const reports = await withRuntime({ threads }, (runtime) =>
    benchStream(runtime, { ...sizes, memories, onProgress }),
  );
  progressLine.clear();
  if (json) return printJson(reports);
  for (const [memory, report] of Object.entries(reports)) {
    const { residentMegabytes: resident, microsecondsPerToken: time } = report;
    print(
      `${memory}: ${formatCount(report.tokens)} tokens at ${formatCount(report.tokensPerSecond)} tokens/s, state ${formatBytes(report.stateBytes)}`,
    );
    print(
      `  resident ${resident.start} MB at the start, ${resident.end} MB at the end (${(100 * report.residentGrowth).toFixed(2)} %)`,
    );
    print(
      `  time per token ${time.young} us for a young session, ${time.old} us after the text: ratio ${report.timeRatio}`,
    );
  }
}
