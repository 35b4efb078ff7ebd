// `mneme bench memory`: how fast every memory trains, how windows grow with the length, what reading in chunks gains.
import { Command, Option } from 'commander';
import type { ChunkReport, LengthReport, MemoryReport } from '../../bench/memory.js';
import { memoryKinds } from '../../../memory/create-memory.js';
import { wholeNumber } from '../../options.js';
import { faint, formatBytes, formatCount, note, print, printJson, progressLine } from '../../output.js';
import { withRuntime } from '../../runtime.js';

const parts = ['steps', 'lengths', 'chunks'] as const;

interface MemoryFlags {
  readonly memory: readonly string[];
  readonly width: readonly number[];
  readonly batchSize: number;
  readonly length: number;
  readonly lengths: readonly number[];
  readonly rounds: number;
  readonly threads?: number;
  readonly only: readonly (typeof parts)[number][];
  readonly json?: boolean;
}

type Steps = Readonly<Record<string, MemoryReport>>;
type Lengths = Readonly<Record<string, LengthReport>>;

export function command(): Command {
  const numbers = (text: string): number[] => text.split(',').map((part) => wholeNumber(1)(part));
  return new Command('memory')
    .description('Training steps of every memory against a bare matrix product, in turns.')
    .option(
      '--memory <names>',
      `memories, with commas between (default: all): ${memoryKinds.join(', ')}`,
      (text) => text.split(','),
      [...memoryKinds],
    )
    .option('--width <list>', 'sizes of the layers', numbers, [256, 512])
    .option('--batch-size <n>', 'sequences of a batch', wholeNumber(1), 32)
    .option('--length <n>', 'tokens of a sequence', wholeNumber(1), 128)
    .option(
      '--lengths <list>',
      'lengths at which windows are compared',
      numbers,
      [512, 1024, 2048, 4096, 8192],
    )
    .option('--rounds <n>', 'how often each one runs', wholeNumber(1), 8)
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .addOption(new Option('--only <part...>', 'some of the parts').choices(parts).default(parts))
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

async function run({ only, json, ...flags }: MemoryFlags): Promise<void> {
  const { benchChunks, benchLengths, benchSteps } = await import('../../bench/memory.js');
  const options = {
    memories: flags.memory,
    widths: flags.width,
    batch: flags.batchSize,
    time: flags.length,
    lengths: flags.lengths,
    rounds: flags.rounds,
    onProgress: (text: string): void => progressLine.update(() => `bench memory: ${text}`),
  };
  const report = await withRuntime(flags, async (runtime) => ({
    steps: only.includes('steps') ? await benchSteps(runtime, options) : {},
    lengths: only.includes('lengths') ? await benchLengths(runtime, options) : undefined,
    chunks: only.includes('chunks') ? await benchChunks(runtime, options) : undefined,
  }));
  progressLine.clear();
  const { steps, lengths, chunks } = report;
  if (json) return printJson({ ...steps, ...(lengths && { lengths }), ...(chunks && { chunks }) });
  if (only.includes('steps')) print(stepTable(steps));
  if (lengths !== undefined) print(lengthTable(lengths));
  if (chunks !== undefined) print(chunkLine(chunks));
  note(faint('Ratios were taken in one process, in turns; medians. Other work on the machine lowers them.'));
}

function stepTable(steps: Steps): string {
  const rows = Object.entries(steps).flatMap(([kind, { byWidth, stateBytes }]) =>
    Object.entries(byWidth).map(([width, { msPerStep, tokensPerSecond, ofGemm }]) => [
      kind,
      width,
      String(msPerStep),
      formatCount(tokensPerSecond),
      ofGemm === undefined ? '' : String(ofGemm),
      formatBytes(stateBytes),
    ]),
  );
  return aligned([['memory', 'width', 'ms', 'tokens/s', 'of gemm', 'state'], ...rows]);
}

function lengthTable(lengths: Lengths): string {
  const columns = Object.keys(Object.values(lengths)[0]?.microsecondsPerToken ?? {});
  const rows = Object.entries(lengths).map(([kind, { microsecondsPerToken, growth }]) =>
    [kind].concat(
      columns.map((length) => String(microsecondsPerToken[length])),
      `${growth}x`,
    ),
  );
  return `\nmicroseconds per token of a training step\n${aligned([['length', ...columns, 'growth'], ...rows])}`;
}

function chunkLine({ tokens, timesFaster, largestDifference }: ChunkReport): string {
  return `\ndelta-net over ${formatCount(tokens)} tokens: in chunks ${timesFaster} times as fast as token by token; outputs differ by at most ${largestDifference.toExponential(1)}`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(18) : cell.padStart(11))).join(''))
    .join('\n');
}
