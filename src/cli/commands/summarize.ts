// `mneme summarize`: summarizes texts with a run, or by choosing sentences of their own without one.
import { Command, Option } from 'commander';
import type { TextOrInContext } from '../../tasks/tune/text-in-context.js';
import type { DecodingFlags } from '../decoding-flags.js';
import type { InputRowFlags } from '../input-rows.js';
import { UsageError } from '../../core/errors.js';
import { decodingOf, withDecodingFlags } from '../decoding-flags.js';
import { given } from '../../core/given.js';
import { inputTexts, noteEmptyContext, shownInput, withInputRowFlags } from '../input-rows.js';
import { wholeNumber } from '../options.js';
import { onOneLine, print, printJson, progressLine } from '../output.js';

interface SummarizeFlags extends DecodingFlags, InputRowFlags {
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
  npx mneme summarize RUN --data dialogues.jsonl --text-column dialogue --context topic
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
  return withDecodingFlags(withInputRowFlags(verb))
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print one JSON object a text')
    .addHelpText('after', help)
    .action(run);
}

/** Texts that are summarized at once. */
const textsAtOnce = 128;

async function run(folder: string | undefined, flags: SummarizeFlags): Promise<void> {
  const { groupsOf } = await import('../lines.js');
  const { method, sentences, words, input = '-', lines = false, data } = flags;
  const extractive = given({ method, sentences, words });
  const texts = groupsOf(textsOf(input, lines), textsAtOnce);
  if (data !== undefined && flags.input !== undefined)
    throw new UsageError('Give --input or --data, not both.');
  if (folder === undefined) {
    if (data !== undefined)
      throw new UsageError('--data has rows for a run to summarize. Give the run, or the text with --input.');
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
  await withSummarizer(folder, flags, async (summarizer, saved) => {
    const rows = await inputTexts(saved, flags, 'text');
    if (data === undefined) noteEmptyContext(saved);
    const inputs: AsyncIterable<readonly TextOrInContext[]> =
      data === undefined ? texts : groupsOf(rows, textsAtOnce);
    const onProgress = (done: number): void => progressLine.update(() => `summarizing: ${done} done`);
    for await (const group of inputs) {
      const found = await summarizer.write(group, { ...decodingOf(flags), onProgress });
      progressLine.clear();
      for (const [i, summary] of found.entries()) show(group[i] ?? '', summary, flags);
    }
  });
}

type Summarizer = import('../../tasks/summarize/summarize.js').Summarizer;
type SavedTask = import('../../tasks/tune/load.js').SavedTask;

async function withSummarizer(
  folder: string,
  flags: SummarizeFlags,
  work: (summarizer: Summarizer, saved: SavedTask) => Promise<void>,
): Promise<void> {
  const { files } = await import('../../core/files.node.js');
  const { Summarizer } = await import('../../tasks/summarize/summarize.js');
  const { loadTask } = await import('../../tasks/tune/load.js');
  const { withRuntime } = await import('../runtime.js');
  const saved = await loadTask(files, folder, { wanted: 'summarize', which: flags.checkpoint });
  await withRuntime(flags, async (runtime) => {
    const summarizer = await Summarizer.open(saved, { runtime });
    try {
      await work(summarizer, saved);
    } finally {
      await summarizer.dispose();
    }
  });
}

/** The whole input, or each line that says something. */
async function* textsOf(input: string, byLine: boolean): AsyncGenerator<string> {
  const { linesOf, wholeTextOf } = await import('../lines.js');
  if (byLine) {
    for await (const line of linesOf(input)) if (line.trim() !== '') yield line;
    return;
  }
  const whole = await wholeTextOf(input);
  if (whole.trim() === '') throw new UsageError('The input is empty. Give some text to summarize.');
  yield whole;
}

/** A summary of one text among several takes one line, whatever it consists of. */
function show(
  source: TextOrInContext,
  summary: { readonly text: string },
  { json, lines, data }: SummarizeFlags,
): void {
  const isOneOfMany = lines || data !== undefined;
  if (json) printJson({ ...(isOneOfMany && shownInput(source, 'source')), ...summary });
  else print(isOneOfMany ? onOneLine(summary.text) : summary.text);
}
