// `mneme classify`: labels texts, all at once or as they arrive.
import { Command, Option } from 'commander';
import type { Classifier } from '../../tasks/classify/classify.js';
import type { Alert } from '../../tasks/classify/monitor.js';
import type { TextOrInContext } from '../../tasks/tune/text-in-context.js';
import type { InputRowFlags } from '../input-rows.js';
import { UsageError } from '../../core/errors.js';
import { inputTexts, noteEmptyContext, plainText, shownInput, withInputRowFlags } from '../input-rows.js';
import { number, wholeNumber } from '../options.js';
import { onOneLine, print, printJson } from '../output.js';

interface ClassifyFlags extends InputRowFlags {
  readonly input?: string;
  readonly follow?: string;
  readonly window?: number;
  readonly threshold?: number;
  readonly checkpoint?: 'best' | 'last';
  readonly threads?: number;
  readonly json?: boolean;
}

const help = `
One line out for each text: label, probability and text, or with --json an object with all probabilities.
Rows of a table have the columns of training, its context too; other names are given as in mneme tune:
  npx mneme classify RUN --data reviews.csv --text-column review --context title
With --follow each line is labelled when it arrives, and an alert is printed when the rate of a label departs from its history:
  tail -f reviews.txt | npx mneme classify RUN --follow - --window 50 --threshold 4
`;

export function command(): Command {
  const verb = new Command('classify')
    .description('Label texts with a run of the task classify, or watch a stream of them.')
    .argument('<run>', 'run folder')
    .argument('[text...]', 'texts')
    .option('--input <file>', 'texts, one a line; - for standard input');
  return withInputRowFlags(verb)
    .option(
      '--follow <file>',
      'label lines as they are appended to the file, or arrive on standard input (-)',
    )
    .option('--window <n>', 'with --follow: texts that rates look back on (default: 50)', wholeNumber(2))
    .option(
      '--threshold <n>',
      'with --follow: standard deviations that raise an alert (default: 4)',
      number(0),
    )
    .addOption(new Option('--checkpoint <which>', 'default: best if there is one').choices(['best', 'last']))
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', help)
    .action(run);
}

async function run(folder: string, texts: readonly string[], flags: ClassifyFlags): Promise<void> {
  const { files } = await import('../../core/files.node.js');
  const { Classifier } = await import('../../tasks/classify/classify.js');
  const { loadTask } = await import('../../tasks/tune/load.js');
  const { groupsOf, linesOf } = await import('../lines.js');
  const { withRuntime } = await import('../runtime.js');
  const { checkpoint: which, follow, input, data } = flags;
  const isPlain = texts.length > 0 || input !== undefined || follow !== undefined;
  if (!isPlain && data === undefined)
    throw new UsageError(
      'Give a text, --input FILE with one text a line, --data FILE with rows, or --follow FILE.',
    );
  if (follow !== undefined && data !== undefined) throw new UsageError('Give --follow or --data, not both.');
  const saved = await loadTask(files, folder, { wanted: 'classify', which });
  const rows = await inputTexts(saved, flags, 'text');
  if (isPlain) noteEmptyContext(saved);
  await withRuntime(flags, async (runtime) => {
    const classifier = await Classifier.open(saved, { runtime });
    try {
      if (follow !== undefined) return await watch(classifier, follow, flags);
      if (texts.length > 0) await labelled(classifier, texts, flags);
      if (input !== undefined)
        for await (const lines of groupsOf(linesOf(input), textsAtOnce))
          await labelled(classifier, lines, flags);
      for await (const group of groupsOf(rows, textsAtOnce)) await labelled(classifier, group, flags);
    } finally {
      await classifier.dispose();
    }
  });
}

/** Texts that are labelled at once. */
const textsAtOnce = 256;

async function labelled(
  classifier: Classifier,
  texts: readonly TextOrInContext[],
  { json }: ClassifyFlags,
): Promise<void> {
  for (const [i, found] of (await classifier.classify(texts)).entries()) {
    const given = texts[i] ?? '';
    if (json) printJson({ ...shownInput(given, 'text'), ...found });
    else print(`${found.label}\t${found.probability.toFixed(4)}\t${onOneLine(plainText(given))}`);
  }
}

/** Labels lines as they arrive; empty ones are passed over. */
async function watch(
  classifier: Classifier,
  path: string,
  { window, threshold, json }: ClassifyFlags,
): Promise<void> {
  const { followingLines } = await import('../following-lines.js');
  const { interruptible } = await import('../interrupt.js');
  const { Monitor } = await import('../../tasks/classify/monitor.js');
  const monitor = new Monitor({ labels: classifier.labels, window, threshold });
  let line = 0;
  await interruptible('Stopping.', async (signal) => {
    for await (const text of followingLines(path, signal)) {
      line++;
      if (text.trim() === '') continue;
      const [found] = await classifier.classify([text]);
      if (found === undefined) continue;
      const alerts = monitor.push(found.label);
      if (json) printJson({ line, text, ...found, rates: monitor.current() });
      else print(`${found.label}\t${found.probability.toFixed(4)}\t${text}`);
      for (const alert of alerts) {
        if (json) printJson({ alert: { line, ...alert } });
        else print(describeAlert(alert, line));
      }
    }
  });
}

function describeAlert({ label, direction, rate, usual, deviations }: Alert, line: number): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return `ALERT line ${line}: ${label} is ${direction}: ${percent(rate)} of late, ${percent(usual)} before (${deviations.toFixed(1)} standard deviations)`;
}
