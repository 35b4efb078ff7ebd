// A task in training as the command line shows it: its rows, its progress, its end, and how to go on. Knows no verb and no particular task.
import type { Runtime } from '../engine/runtime/runtime.js';
import type { DataReport } from '../tasks/tune/task-data.js';
import type { TuneEvent, TuneJob } from '../tasks/tune/tune.js';
import type { ExampleTrainingOutcome } from '../train/index.js';
import { files } from '../core/files.node.js';
import { describeRows } from '../data/index.js';
import { interruptible } from './interrupt.js';
import { faint, formatCount, note, progressLine, strong } from './output.js';
import { withRuntime } from './runtime.js';
import { resumeCommand, stepLine, tokenizerLine } from './training.js';

/** What `mneme tune --json` returns. */
export interface TuningSummary {
  readonly run: string;
  readonly reason: ExampleTrainingOutcome['reason'];
  readonly step: number;
  readonly parameters: number;
  /** Of the last step, in nats per target. */
  readonly loss: number | null;
  /** The task's metrics at the last evaluation. */
  readonly validation: ExampleTrainingOutcome['after'];
  readonly best: ExampleTrainingOutcome['state']['best'];
  readonly seconds: number;
}

/** Trains with progress on standard error; Ctrl-C saves and ends. */
export async function tuneWithProgress(
  folder: string,
  options: { readonly threads?: number | undefined; readonly maxMinutes?: number | undefined },
  work: (job: TuneJob, runtime: Runtime) => Promise<ExampleTrainingOutcome>,
): Promise<TuningSummary> {
  const began = performance.now();
  const maxSeconds = options.maxMinutes === undefined ? undefined : 60 * options.maxMinutes;
  const message = 'Stopping after this step, with a checkpoint. Ctrl-C again ends at once.';
  const outcome = await interruptible(message, (signal) =>
    withRuntime(options, (runtime) =>
      work({ files, runtime, folder, signal, maxSeconds, onEvent: reportTuning }, runtime),
    ),
  );
  progressLine.clear();
  const { reason, state, parameters, loss, after: validation } = outcome;
  const { step, best } = state;
  if (reason === 'early') note('Nothing better on validation for a while: stopped early.');
  if (reason === 'time') note(`Time is over: stopped at step ${step}.`);
  if (reason === 'interrupted')
    note(`Stopped at step ${step}, saved. Go on with: ${resumeCommand(folder, 'tune')}`);
  const seconds = (performance.now() - began) / 1000;
  return { run: folder, reason, step, parameters, loss, validation, best, seconds };
}

/** Shows what the training of a task tells about itself on standard error. */
export function reportTuning(event: TuneEvent): void {
  switch (event.kind) {
    case 'rows':
      return noteRows(event.report);
    case 'refused':
      return note(describeRows(event.report));
    case 'tokenizer':
      return progressLine.update(() => tokenizerLine(event));
    case 'started':
      return note(
        `${formatCount(event.parameters)} parameters; ${formatCount(event.trainExamples)} examples, ${formatCount(event.steps)} steps.` +
          (event.step === 0 ? '' : ` Going on at step ${event.step}.`),
      );
    case 'step':
      return progressLine.update(() => stepLine(event));
    case 'evaluated':
      return note(
        `step ${event.step}: ${formatMetrics(event.evaluation)}${event.isBest ? '' : faint(' (not the best)')}`,
      );
    case 'saved':
  }
}

/** `accuracy 0.8750, macroF1 0.8712`: the first one matters most. */
export function formatMetrics(metrics: Readonly<Record<string, number>>): string {
  const parts = Object.entries(metrics).map(([name, value], i) => {
    const text = value.toFixed(4);
    return `${name} ${i === 0 ? strong(text) : text}`;
  });
  return parts.join(', ');
}

/** Labels that are shown, at most. */
const shownLabels = 12;

function noteRows({ train, validation, trainRows, validationRows, balance }: DataReport): void {
  note(describeRows(train));
  if (validation !== null) note(describeRows(validation));
  const shares = balance
    .slice(0, shownLabels)
    .map(({ label, count, share }) => `${label} ${formatCount(count)} (${(100 * share).toFixed(1)} %)`);
  const rest = balance.length > shownLabels ? `, and ${balance.length - shownLabels} more labels` : '';
  if (balance.length > 0) note(`labels: ${shares.join(', ')}${rest}`);
  note(`${formatCount(trainRows)} rows to learn from, ${formatCount(validationRows)} to validate on.`);
}
