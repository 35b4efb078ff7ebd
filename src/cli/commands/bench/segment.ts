// `mneme bench segment`: the loss without a memory of earlier segments, with one, and with a longer one.
import { Command } from 'commander';
import type { SegmentReport } from '../../bench/segment.js';
import { wholeNumber } from '../../options.js';
import { formatCount, formatDuration, note, print, printJson, progressLine } from '../../output.js';

interface SegmentFlags {
  readonly data: string;
  readonly validation?: string;
  readonly memory: readonly number[];
  readonly segment: number;
  readonly steps: number;
  readonly seed: number;
  readonly readWith: readonly number[];
  readonly out: string;
  readonly threads?: number;
  readonly json?: boolean;
}

export function command(): Command {
  return new Command('segment')
    .description(
      'Train without a memory of earlier segments, with one and with longer ones, at equal compute.',
    )
    .requiredOption('--data <path>', 'text to learn from, character by character; may be in .gz')
    .option('--validation <path>', 'text that validates, instead of the last part of the data')
    .option(
      '--memory <lengths>',
      'tokens of memory of each arm, with commas between',
      (text) => text.split(',').map(wholeNumber(0)),
      [0, 32, 128],
    )
    .option(
      '--read-with <lengths>',
      'tokens of memory that each trained model is also read with',
      (text) => text.split(',').map(wholeNumber(0)),
      [0, 32, 64, 128],
    )
    .option('--segment <n>', 'tokens of a segment', wholeNumber(1), 32)
    .option('--steps <n>', 'steps of the arm with the longest memory', wholeNumber(1), 2000)
    .option('--seed <n>', 'seed of everything random', wholeNumber(0), 1)
    .option('--out <folder>', 'where the runs are kept; what is there already goes on', 'runs/segment')
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

async function run(flags: SegmentFlags): Promise<void> {
  const { benchSegment } = await import('../../bench/segment.js');
  const { files } = await import('../../../core/files.node.js');
  const { reportTraining } = await import('../../training.js');
  const { interruptible } = await import('../../interrupt.js');
  const { withRuntime } = await import('../../runtime.js');
  const { data: path, validation, memory: memoryLengths, segment: segmentLength, steps, seed } = flags;
  const readLengths = flags.readWith;
  const onArm = (length: number, own: number): void =>
    note(`Memory of ${length} tokens: ${formatCount(own)} steps.`);
  const message = 'Stopping after this step, with a checkpoint. The same command goes on.';
  const report = await interruptible(message, (signal) =>
    withRuntime(flags, (runtime) =>
      benchSegment(
        { files, runtime, folder: flags.out, signal, onEvent: reportTraining },
        { path, validation },
        { memoryLengths, segmentLength, steps, seed, readLengths, onArm },
      ),
    ),
  );
  progressLine.clear();
  if (flags.json) return printJson(report);
  print(table(report));
}

function table({ segmentLength, arms, ...verdicts }: SegmentReport): string {
  const rows = arms.flatMap(
    ({ memoryLength, steps, teraflops, validationLoss, seconds, lossByReadLength }) => [
      [
        `memory ${memoryLength}`.padEnd(14),
        `${formatCount(steps)} steps`.padStart(14),
        `${teraflops} TFLOP`.padStart(14),
        `loss ${validationLoss.toFixed(4)}`.padStart(14),
        formatDuration(seconds).padStart(14),
      ].join(''),
      ...Object.entries(lossByReadLength).map(
        ([length, loss]) => `  read with ${length}: ${loss.toFixed(4)}`,
      ),
    ],
  );
  const told = (isLower: boolean | null): string => (isLower === null ? 'not known' : isLower ? 'yes' : 'no');
  return [
    `segments of ${segmentLength} tokens`,
    ...rows,
    `lower when trained with a longer memory: ${told(verdicts.lowerWithLongerMemory)}`,
    `lower when read with a longer memory: ${told(verdicts.lowerWhenReadWithLonger)}`,
  ].join('\n');
}
