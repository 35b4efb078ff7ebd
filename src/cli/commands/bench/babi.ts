// `mneme bench babi`: trains a model on one task of bAbI and says how many of its questions it answers wrongly.
import { Command } from 'commander';
import type { InspectedAnswer } from '../../../tasks/stories/inspect.js';
import type { StoryEpoch, StoryOutcome } from '../../../tasks/stories/train.js';
import { interruptible } from '../../interrupt.js';
import { number, wholeNumber } from '../../options.js';
import { formatCount, formatDuration, note, print, printJson, progressLine } from '../../output.js';
import { withRuntime } from '../../runtime.js';

interface BabiFlags {
  readonly data: string;
  readonly task: number;
  readonly model: string;
  readonly attempts?: number;
  readonly epochs?: number;
  readonly minutes: number;
  readonly seed: number;
  readonly threads: number;
  readonly show: number;
  readonly json?: boolean;
}

export function command(): Command {
  return new Command('babi')
    .description('Learn one task of bAbI and print the share of test questions answered wrongly, in percent.')
    .requiredOption('--data <folder>', 'the folder with the files of the tasks, or the one above it')
    .requiredOption('--task <n>', 'which of the tasks: 1 to 20', wholeNumber(1))
    .option('--model <name>', 'dmn-plus, dmn, mem-n2n, lstm or gru', 'dmn-plus')
    .option(
      '--attempts <n>',
      "tries from other seeds, chosen by validation (default: the model's)",
      wholeNumber(1),
    )
    .option('--epochs <n>', "at most so many epochs (default: the model's)", wholeNumber(1))
    .option('--minutes <n>', 'test what is best after so much training', number(0), 18)
    .option('--seed <n>', 'seed of weights and order', wholeNumber(0), 1)
    .option('--threads <n>', 'threads of the runtime; the models are small', wholeNumber(1), 1)
    .option(
      '--show <n>',
      'print so many test questions with what each episode attended to',
      wholeNumber(0),
      0,
    )
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

async function run(flags: BabiFlags): Promise<void> {
  const { files } = await import('../../../core/files.node.js');
  const { readBabiTask } = await import('../../../data/babi.js');
  const { storyReaderName } = await import('../../../tasks/stories/readers.js');
  const { trainOnStories } = await import('../../../tasks/stories/train.js');
  const { inspectAnswers } = await import('../../../tasks/stories/inspect.js');
  const model = storyReaderName(flags.model);
  const task = await readBabiTask(files, flags.data, flags.task);
  const { attempts, epochs, seed } = flags;
  const recipe = { ...(attempts && { attempts }), ...(epochs && { epochs }) };
  await interruptible(
    'Stopping after this epoch, with a test of the best. Ctrl-C again ends at once.',
    (signal) =>
      withRuntime(flags, async (runtime) => {
        const maxSeconds = 60 * flags.minutes;
        const job = { runtime, task, model, recipe, seed, maxSeconds, signal, onEpoch: report };
        const outcome = await trainOnStories(job);
        progressLine.clear();
        const interrupted = signal.aborted;
        if (interrupted) note('Stopped early: what follows is the best by then.');
        const shown = await inspectAnswers(runtime, outcome, task.test.slice(0, flags.show));
        const summary = { task: task.task, name: task.name, model, seed, ...summaryOf(outcome), interrupted };
        if (flags.json) printJson({ ...summary, ...(shown.length > 0 && { shown: shown.map(plain) }) });
        else print([...shown.map(storyText), resultLine(summary)].join('\n\n'));
      }),
  );
}

function report({ attempt, linear, epoch, loss, validation }: StoryEpoch): void {
  const error = (100 * (validation['error'] ?? 1)).toFixed(1);
  progressLine.update(
    () =>
      `attempt ${attempt}, epoch ${epoch}${linear ? ' (linear start)' : ''}: loss ${loss.toFixed(3)}, ${error} % wrong in validation`,
  );
}

function summaryOf({ error, validationError, attempts, epochs, parameterCount, seconds }: StoryOutcome) {
  const rounded = (value: number): number => Math.round(100 * value) / 100;
  return {
    error: rounded(error),
    validationError: rounded(validationError),
    attempts,
    epochs,
    parameters: parameterCount,
    seconds: rounded(seconds),
  };
}

function resultLine(
  summary: ReturnType<typeof summaryOf> & {
    readonly task: number;
    readonly name: string;
    readonly model: string;
  },
): string {
  const { task, name, model, error, validationError, attempts, epochs, parameters, seconds } = summary;
  return [
    `task ${task} (${name}), ${model}: ${error} % of the test questions answered wrongly (validation ${validationError} %)`,
    `${formatCount(parameters)} parameters, attempts made: ${attempts}, epochs of the best: ${epochs}, ${formatDuration(seconds)}`,
  ].join('\n');
}

/** A question, its answer and the attention, as plain data. */
function plain({ question, answer, episodes }: InspectedAnswer) {
  const { sentences, question: asked, answer: expected, supportingFacts } = question;
  const text = (words: readonly string[]): string => words.join(' ');
  return { story: sentences.map(text), question: text(asked), answer, expected, supportingFacts, episodes };
}

/** The story with the attention of each episode in front of each sentence, then question and answer. */
function storyText(inspected: InspectedAnswer): string {
  const { story, question, answer, expected, supportingFacts, episodes } = plain(inspected);
  const lines = story.map((sentence, i) => {
    const attention = episodes.map((weights) => percent(weights[i] ?? 0)).join(' ');
    return `${attention}  ${supportingFacts.includes(i) ? '*' : ' '} ${sentence}`;
  });
  const verdict = inspected.isRight ? 'right' : `wrong: it is ${expected}`;
  const head = episodes.map((_, i) => `${i + 1}.`.padStart(5)).join(' ');
  return [
    ...(episodes.length > 0 ? [`${head}  episode; * the answer follows from`] : []),
    ...lines,
    `${question}? ${answer} (${verdict})`,
  ].join('\n');
}

/** Five characters; nothing where there is next to no attention. */
function percent(share: number): string {
  return share < 0.005 ? '    .' : `${Math.round(100 * share)} %`.padStart(5);
}
