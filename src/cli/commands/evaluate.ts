// `mneme evaluate`: how well a run predicts a text, or does its task on the rows of a table.
import { Command, Option } from 'commander';
import type { JsonObject, Which } from '../../checkpoint/index.js';
import type { Evaluation } from '../../train/index.js';
import type { ParallelFlags } from '../parallel-flags.js';
import type { TableFlags } from '../table-flags.js';
import { UsageError } from '../../core/errors.js';
import { wholeNumber } from '../options.js';
import { formatCount, note, print, printJson, progressLine } from '../output.js';
import { tableOf, withParallelFlags } from '../parallel-flags.js';
import { columnsOf, tableOptions, withTableFlags } from '../table-flags.js';

interface EvaluateFlags extends TableFlags, ParallelFlags {
  readonly data?: string;
  readonly field?: string;
  readonly checkpoint?: Which;
  readonly carryState?: boolean;
  readonly streams?: number;
  readonly threads?: number;
  readonly json?: boolean;
}

export function command(): Command {
  const verb = new Command('evaluate')
    .description('Measure how well a trained model predicts a text, or does its task on the rows of a table.')
    .argument('<run>', 'run folder')
    .option(
      '--data <path>',
      "text to predict, or table of a task's rows (default: the part of the run's own that validates)",
    );
  return withParallelFlags(withTableFlags(verb))
    .option('--field <name>', 'field of JSONL records that holds the text (default: text)')
    .option(
      '--carry-state',
      'remember the text from its beginning to its end (default: as the run was trained)',
    )
    .option('--no-carry-state', 'begin anew with each block')
    .option(
      '--streams <n>',
      'stretches in which the text is read side by side; 1 is slowest and remembers everything',
      wholeNumber(1),
    )
    .addOption(new Option('--checkpoint <which>', 'default: best if there is one').choices(['best', 'last']))
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

async function run(folder: string, flags: EvaluateFlags): Promise<void> {
  const { files } = await import('../../core/files.node.js');
  const { readRun } = await import('../../checkpoint/index.js');
  const { isTaskRun } = await import('../../tasks/tune/task-run.js');
  const { isPretrainingRun } = await import('../../tasks/pretrain/saved-rows.js');
  const saved = await readRun(files, folder);
  if (isTaskRun(saved)) return printNumbers(await evaluateRows(folder, flags), flags);
  if (isPretrainingRun(saved.config)) return printNumbers(await evaluateHidden(folder, flags), flags);
  const evaluation = await evaluate(folder, flags);
  progressLine.clear();
  if (flags.json) return printJson(evaluation);
  const { loss, perplexity, bitsPerByte, tokens } = evaluation;
  print(`loss ${loss.toFixed(4)} nats per token over ${formatCount(tokens)} tokens`);
  print(`perplexity ${perplexity.toFixed(3)}, ${bitsPerByte?.toFixed(4)} bits per byte`);
}

/** Prints the numbers first, one a line, then tables as JSON. */
function printNumbers(result: JsonObject, { json }: EvaluateFlags): void {
  if (json) return printJson(result);
  for (const [name, value] of Object.entries(result)) {
    const text = typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(4) : value;
    print(`${name} ${typeof text === 'object' ? JSON.stringify(text) : text}`);
  }
}

/** How well what is hidden is guessed, in the part of the run's own text that validates. */
async function evaluateHidden(folder: string, flags: EvaluateFlags): Promise<JsonObject> {
  if (flags.data !== undefined) {
    throw new UsageError(
      'A run of pre-training is evaluated on the text that validated it. Leave --data out; a validation text of its own is given to mneme train with --validation.',
    );
  }
  const { files } = await import('../../core/files.node.js');
  const { evaluatePretraining } = await import('../../tasks/pretrain/evaluate.js');
  const { withRuntime } = await import('../runtime.js');
  return withRuntime(flags, (runtime) => evaluatePretraining(files, runtime, folder, flags.checkpoint));
}

async function evaluateRows(folder: string, flags: EvaluateFlags): Promise<JsonObject> {
  const { files } = await import('../../core/files.node.js');
  const { describeRows } = await import('../../data/index.js');
  const { evaluateTask } = await import('../../tasks/tune/evaluate.js');
  const { loadTask } = await import('../../tasks/tune/load.js');
  const { withRuntime } = await import('../runtime.js');
  const saved = await loadTask(files, folder, { which: flags.checkpoint });
  const names = { data: '--data', source: '--source', target: '--target' };
  const data = await tableOf(flags, flags.data, names);
  const options = { data, columns: columnsOf(flags), ...tableOptions(flags) };
  return withRuntime(flags, (runtime) =>
    evaluateTask(files, runtime, saved, {
      ...options,
      onRows: (report) => note(describeRows(report)),
    }),
  );
}

function onProgress(share: number): void {
  progressLine.update(() => `evaluating: ${(100 * share).toFixed(0)} %`);
}

async function evaluate(folder: string, flags: EvaluateFlags): Promise<Evaluation> {
  const { files } = await import('../../core/files.node.js');
  const { evaluateText, evaluateValidation } = await import('../../tasks/language-model/evaluate.js');
  const { loadLanguageModel } = await import('../../tasks/language-model/load.js');
  const { withRuntime } = await import('../runtime.js');
  const { withScratchFolder } = await import('../scratch.js');
  const saved = await loadLanguageModel(files, folder, flags.checkpoint);
  return withRuntime(flags, async (runtime) => {
    const { data: path, field, carryState, streams: batchSize } = flags;
    const options = { onProgress, carryState, batchSize };
    if (path === undefined) return evaluateValidation(files, runtime, saved, options);
    return withScratchFolder((scratch) =>
      evaluateText(files, runtime, saved, { path, field }, `${scratch}/tokens`, options),
    );
  });
}
