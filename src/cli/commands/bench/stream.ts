// `mneme bench stream`: reads a very long text with each memory.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import type { StreamProgress, StreamReport } from '../../bench/stream.js';
import { throwIfAborted } from '../../../core/abort.js';
import { RuntimeError } from '../../../core/errors.js';
import { memoryKinds, parseMemoryConfig } from '../../../memory/create-memory.js';
import { interruptible } from '../../interrupt.js';
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

async function run(flags: StreamFlags): Promise<void> {
  for (const memory of flags.memory) parseMemoryConfig(memory); // A wrong name is told before anything is measured.
  const reports: Record<string, StreamReport> = {};
  const measureOne = flags.memory.length === 1 ? measure : measureInChild;
  await interruptible('Stopping. Ctrl-C again ends at once.', async (signal) => {
    for (const memory of flags.memory) reports[memory] = await measureOne(memory, flags, signal);
  });
  progressLine.clear();
  if (flags.json) return printJson(reports);
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

async function measure(
  memory: string,
  { tokens, width, layers, threads }: StreamFlags,
  signal: AbortSignal,
): Promise<StreamReport> {
  const { benchStream } = await import('../../bench/stream.js');
  const onProgress = ({ stage, tokens: read, totalTokens }: StreamProgress): void =>
    progressLine.update(
      () => `bench stream: ${memory}, ${stage}: ${formatCount(read)} of ${formatCount(totalTokens)} tokens`,
    );
  return withRuntime({ threads }, (runtime) =>
    benchStream(runtime, { memory, tokens, width, layers, onProgress, signal }),
  );
}

/** In a process of its own: what one memory leaves in the allocators would hide or feign the growth of the next. */
async function measureInChild(
  memory: string,
  { tokens, width, layers, threads }: StreamFlags,
  signal: AbortSignal,
): Promise<StreamReport> {
  const options = Object.entries({ memory, tokens, width, layers, threads });
  const flags = options.flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [process.argv[1] ?? '', 'bench', 'stream', '--json', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = (): boolean => child.kill('SIGKILL'); // It holds nothing that would be lost.
  signal.addEventListener('abort', end);
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  signal.removeEventListener('abort', end);
  throwIfAborted(signal);
  if (code !== 0) throw new RuntimeError(`The measurement of ${memory} ended with ${String(code)}.`);
  return (JSON.parse(output) as Record<string, StreamReport>)[memory] as StreamReport;
}
