// A training run as the command line shows it: its progress, its end, and how to go on. Knows no verb.
import type { Runtime } from '../engine/runtime/runtime.js';
import type { PreparationEvent } from '../tasks/language-model/prepare-data.js';
import type { TokenizerTrainingProgress } from '../text/index.js';
import type { TextJob } from '../tasks/language-model/open-texts.js';
import type {
  Evaluation,
  ExampleTrainingEvent,
  LoopOutcome,
  Named,
  StepEvent,
  TrainingEvent,
} from '../train/index.js';
import type { ExampleCounts, TokenCounts } from '../train/events.js';
import { files } from '../core/files.node.js';
import { interruptible } from './interrupt.js';
import { faint, formatBytes, formatCount, formatDuration, note, progressLine, strong } from './output.js';
import { withRuntime } from './runtime.js';
import { surroundings } from './surroundings.js';

/** What a training verb returns with `--json`. @typeParam E what is measured on validation */
export interface TrainingSummary<E = Evaluation> {
  readonly run: string;
  readonly reason: LoopOutcome<E>['reason'];
  readonly step: number;
  /** Tokens trained on, in all sessions of the run. */
  readonly tokens: number;
  readonly parameters: number;
  /** Of the last step, in nats per token. */
  readonly loss: number | null;
  readonly before: E | null;
  readonly validation: E | null;
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
export async function trainWithProgress<E>(
  folder: string,
  options: { readonly threads?: number | undefined },
  work: (job: TextJob<TrainingEvent | ExampleTrainingEvent>, runtime: Runtime) => Promise<LoopOutcome<E>>,
): Promise<TrainingSummary<E>> {
  const began = performance.now();
  const message = 'Stopping after this step, with a checkpoint. Ctrl-C again ends at once.';
  const outcome = await interruptible(message, (signal) =>
    withRuntime(options, (runtime) =>
      work(
        { files, runtime, folder, signal, standardInput: surroundings().stdin, onEvent: reportTraining },
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

function summaryOf<E>(run: string, outcome: LoopOutcome<E>, seconds: number): TrainingSummary<E> {
  const { reason, state, parameters, loss, before, after: validation, tokensPerSecond } = outcome;
  const { step, tokens } = state;
  const best = state.best && { step: state.best.step, loss: state.best.value };
  return { run, reason, step, tokens, parameters, loss, before, validation, best, tokensPerSecond, seconds };
}

/** Shows what a training run tells about itself on standard error. */
export function reportTraining(event: TrainingEvent | ExampleTrainingEvent | PreparationEvent): void {
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
        `${formatCount(event.parameters)} parameters; ${amountOf(event)}.` +
          (event.step === 0 ? '' : ` Going on at step ${event.step}.`),
      );
    case 'step':
      return progressLine.update(() => stepLine(event));
    case 'evaluated':
      return note(
        `step ${event.step}: validation ${measured({ ...event.evaluation })}${event.isBest ? '' : faint(' (not the best)')}`,
      );
    case 'saved':
  }
}

/** How much there is to learn from. */
function amountOf(counts: TokenCounts | ExampleCounts): string {
  if ('trainExamples' in counts) return `${formatCount(counts.trainExamples)} examples to learn from`;
  const { trainTokens, validationTokens } = counts;
  return `${formatCount(trainTokens)} tokens to learn from, ${formatCount(validationTokens)} to validate on`;
}

/** Loss and perplexity. */
function measured({ loss, perplexity }: Named<number | null>): string {
  return `loss ${strong(loss?.toFixed(4) ?? '-')}, perplexity ${perplexity?.toFixed(2) ?? '-'}`;
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
