// `mneme summarize`: summarizes texts with a run, or by choosing sentences of their own without one.
import { Command, Option } from 'commander';
import type { DecodingFlags } from '../decoding-flags.js';
import { UsageError } from '../../core/errors.js';
import { decodingOf, withDecodingFlags } from '../decoding-flags.js';
import { given } from '../../core/given.js';
import { wholeNumber } from '../options.js';
import { print, printJson, progressLine } from '../output.js';

interface SummarizeFlags extends DecodingFlags {
  readonly input?: string;
  readonly lines?: boolean;
  readonly method?: 'text-rank' | 'lead';
  readonly sentences?: number;
  readonly words?: number;
  readonly checkpoint?: 'best' | 'last';
  readonly threads?: number;
  readonly json?: boolean;
}

const help = `
Without a run, sentences of the text itself are chosen; --method, --sentences and --words say which. Examples:
  npx mneme summarize --input article.txt --words 60
  npx mneme summarize RUN --input article.txt
`;

export function command(): Command {
  const verb = new Command('summarize')
    .description('Summarize a text of any length, with a run of the task summarize or without any model.')
    .argument('[run]', 'run folder')
    .option('--input <file>', 'the text (default: -, standard input)')
    .option('--lines', 'each line is a text of its own, and gets a line')
    .addOption(
      new Option('--method <name>', 'without a run (default: text-rank)').choices(['text-rank', 'lead']),
    )
    .option('--sentences <n>', 'without a run: sentences at most', wholeNumber(1))
    .option('--words <n>', 'without a run: words aimed at', wholeNumber(1))
    .addOption(new Option('--checkpoint <which>', 'default: best if there is one').choices(['best', 'last']));
  return withDecodingFlags(verb)
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print one JSON object a text')
    .addHelpText('after', help)
    .action(run);
}

/** Texts that are summarized at once. */
const textsAtOnce = 128;

async function run(folder: string | undefined, flags: SummarizeFlags): Promise<void> {
  const { groupsOf } = await import('../lines.js');
  const { method, sentences, words, input = '-', lines = false } = flags;
  const extractive = given({ method, sentences, words });
  const texts = groupsOf(textsOf(input, lines), textsAtOnce);
  if (folder === undefined) {
    const idle = Object.keys(decodingOf(flags));
    if (idle.length > 0)
      throw new UsageError(
        `Without a run nothing is written, so ${idle.join(', ')} cannot be chosen. Give a run.`,
      );
    const { extractiveSummary } = await import('../../tasks/summarize/extractive.js');
    for await (const group of texts)
      for (const text of group) show(text, extractiveSummary(text, extractive), flags);
    return;
  }
  if (Object.keys(extractive).length > 0)
    throw new UsageError(
      `${Object.keys(extractive).join(', ')} choose sentences of the text itself: leave the run out, or these.`,
    );
  await withSummarizer(folder, flags, async (summarizer) => {
    const onProgress = (done: number): void => progressLine.update(() => `summarizing: ${done} done`);
    for await (const group of texts) {
      const found = await summarizer.write(group, { ...decodingOf(flags), onProgress });
      progressLine.clear();
      for (const [i, summary] of found.entries()) show(group[i] ?? '', summary, flags);
    }
  });
}

type Summarizer = import('../../tasks/summarize/summarize.js').Summarizer;

async function withSummarizer(
  folder: string,
  flags: SummarizeFlags,
  work: (summarizer: Summarizer) => Promise<void>,
): Promise<void> {
  const { files } = await import('../../core/files.node.js');
  const { Summarizer } = await import('../../tasks/summarize/summarize.js');
  const { loadTask } = await import('../../tasks/tune/load.js');
  const { withRuntime } = await import('../runtime.js');
  const saved = await loadTask(files, folder, { wanted: 'summarize', which: flags.checkpoint });
  await withRuntime(flags, async (runtime) => {
    const summarizer = await Summarizer.open(saved, { runtime });
    try {
      await work(summarizer);
    } finally {
      await summarizer.dispose();
    }
  });
}

/** The whole input, or each line that says something. */
async function* textsOf(input: string, byLine: boolean): AsyncGenerator<string> {
  const { linesOf, textsOf: pieces } = await import('../lines.js');
  if (byLine) {
    for await (const line of linesOf(input)) if (line.trim() !== '') yield line;
    return;
  }
  let whole = '';
  for await (const piece of pieces(input)) whole += piece;
  if (whole.trim() === '') throw new UsageError('The input is empty. Give some text to summarize.');
  yield whole;
}

/** With `--lines` a summary takes one line, whatever it consists of. */
function show(source: string, summary: { readonly text: string }, { json, lines }: SummarizeFlags): void {
  if (json) printJson({ ...(lines && { source }), ...summary });
  else print(lines ? summary.text.replace(/\s*\n\s*/g, ' ') : summary.text);
}
