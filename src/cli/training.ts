// A training run as the command line shows it: its progress, its end, and how to go on. Knows no verb.
import type { Runtime } from '../engine/runtime/runtime.js';
import type { PreparationEvent } from '../tasks/language-model/prepare-data.js';
import type { LanguageModelJob } from '../tasks/language-model/train.js';
import type { TokenizerTrainingProgress } from '../text/index.js';
import type { Evaluation, StepEvent, TrainingEvent, TrainingOutcome } from '../train/index.js';
import { files } from '../core/files.node.js';
import { interruptible } from './interrupt.js';
import { faint, formatBytes, formatCount, formatDuration, note, progressLine, strong } from './output.js';
import { withRuntime } from './runtime.js';

/** What a training verb returns with `--json`. */
export interface TrainingSummary {
  readonly run: string;
  readonly reason: TrainingOutcome['reason'];
  readonly step: number;
  /** Tokens trained on, in all sessions of the run. */
  readonly tokens: number;
  readonly parameters: number;
  /** Of the last step, in nats per token. */
  readonly loss: number | null;
  readonly before: Evaluation | null;
  readonly validation: Evaluation | null;
  /** The evaluation with the lowest loss. */
  readonly best: { readonly step: number; readonly loss: number } | null;
  readonly tokensPerSecond: number;
  readonly seconds: number;
}

/** A new folder for a run: `runs/char-gpt-cpu-20260131-235959`. */
export function newRunFolder(name: string): string {
  const [day = '', time = ''] = new Date().toISOString().replace(/[-:]/g, '').split(/[T.]/);
  return `runs/${name}-${day}-${time}`;
}

/** How to go on with a run that was stopped. */
export function resumeCommand(folder: string, verb: 'train' | 'tune' = 'train'): string {
  const quoted = /^[\w./-]+$/.test(folder) ? folder : JSON.stringify(folder);
  return `npx mneme ${verb} --resume --out ${quoted}`;
}

/** Trains with progress on standard error; Ctrl-C saves and ends. */
export async function trainWithProgress(
  folder: string,
  options: { readonly threads?: number | undefined },
  work: (job: LanguageModelJob, runtime: Runtime) => Promise<TrainingOutcome>,
): Promise<TrainingSummary> {
  const began = performance.now();
  const message = 'Stopping after this step, with a checkpoint. Ctrl-C again ends at once.';
  const outcome = await interruptible(message, (signal) =>
    withRuntime(options, (runtime) =>
      work(
        { files, runtime, folder, signal, standardInput: process.stdin, onEvent: reportTraining },
        runtime,
      ),
    ),
  );
  progressLine.clear();
  if (outcome.reason === 'early') note('No lower validation loss for a while: stopped early.');
  if (outcome.reason === 'interrupted')
    note(`Stopped at step ${outcome.state.step}, saved. Go on with: ${resumeCommand(folder)}`);
  return summaryOf(folder, outcome, (performance.now() - began) / 1000);
}

function summaryOf(run: string, outcome: TrainingOutcome, seconds: number): TrainingSummary {
  const { reason, state, parameters, loss, before, after: validation, tokensPerSecond } = outcome;
  const { step, tokens } = state;
  const best = state.best && { step: state.best.step, loss: state.best.value };
  return { run, reason, step, tokens, parameters, loss, before, validation, best, tokensPerSecond, seconds };
}

/** Shows what a training run tells about itself on standard error. */
export function reportTraining(event: TrainingEvent | PreparationEvent): void {
  switch (event.kind) {
    case 'tokenizer':
      return progressLine.update(() => tokenizerLine(event));
    case 'tokenizing':
      return progressLine.update(() => {
        const total = event.totalBytes === undefined ? '' : ` of ${formatBytes(event.totalBytes)}`;
        return `tokenizing ${event.source}: ${formatBytes(event.bytesRead)}${total}`;
      });
    case 'started':
      return note(
        `${formatCount(event.parameters)} parameters; ${formatCount(event.trainTokens)} tokens to learn from, ${formatCount(event.validationTokens)} to validate on.` +
          (event.step === 0 ? '' : ` Going on at step ${event.step}.`),
      );
    case 'step':
      return progressLine.update(() => stepLine(event));
    case 'evaluated':
      return note(
        `step ${event.step}: validation loss ${strong(event.evaluation.loss.toFixed(4))}, perplexity ${event.evaluation.perplexity.toFixed(2)}${event.isBest ? '' : faint(' (not the best)')}`,
      );
    case 'saved':
  }
}

/** How far the training of a tokenizer is. */
export function tokenizerLine(progress: TokenizerTrainingProgress): string {
  return progress.phase === 'counting'
    ? `learning the tokenizer: ${formatBytes(progress.bytes)} read`
    : `learning the tokenizer: ${formatCount(progress.vocabularySize)} of ${formatCount(progress.targetSize)} tokens`;
}

/** Where training stands. */
export function stepLine({
  step,
  steps,
  loss,
  tokensPerSecond,
  gradientNorm,
  learningRate,
  secondsLeft,
}: StepEvent): string {
  return [
    `step ${step}/${steps}`,
    `loss ${loss.toFixed(3)}`,
    `${formatCount(tokensPerSecond)} tokens/s`,
    `gradient ${gradientNorm.toFixed(2)}`,
    `rate ${learningRate.toExponential(1)}`,
    `${formatDuration(secondsLeft)} left`,
  ].join('  ');
}
