// `mneme answer`: finds the answer to a question in a text.
import { Command, Option } from 'commander';
import type { Answer, Question } from '../../tasks/answer/answer.js';
import type { SavedTask } from '../../tasks/tune/load.js';
import type { InputRowFlags } from '../input-rows.js';
import { UsageError } from '../../core/errors.js';
import { inputRows, noteEmptyContext, withInputRowFlags } from '../input-rows.js';
import { number, wholeNumber } from '../options.js';
import { faint, note, onOneLine, print, printJson } from '../output.js';

interface AnswerFlags extends InputRowFlags {
  readonly question?: string;
  readonly input?: string;
  readonly count: number;
  readonly threshold?: number;
  readonly checkpoint?: 'best' | 'last';
  readonly threads?: number;
  readonly json?: boolean;
}

const help = `
The text may have any length: a long one is read in chunks that overlap, and the best stretch of all of them counts.
  npx mneme answer RUN --question 'Who wrote it?' --input letter.txt
Rows of a table have a question and its text each, and get a line each, empty where the text does not say:
  npx mneme answer RUN --data questions.jsonl --context title
`;

export function command(): Command {
  const verb = new Command('answer')
    .description('Find the answer to a question in a text, with a run of the task answer.')
    .argument('<run>', 'run folder')
    .option('--question <text>', 'what is asked')
    .option('--input <file>', 'the text (default: -, standard input)');
  return withInputRowFlags(verb)
    .option('--count <n>', 'with --json: stretches that are given, the best first', wholeNumber(1), 1)
    .option(
      '--threshold <n>',
      'confidence above which there is an answer (default: as fitted in training)',
      number(-Infinity),
    )
    .addOption(new Option('--checkpoint <which>', 'default: best if there is one').choices(['best', 'last']))
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', help)
    .action(run);
}

async function run(folder: string, flags: AnswerFlags): Promise<void> {
  const { Answerer } = await import('../../tasks/answer/answer.js');
  const { files } = await import('../../core/files.node.js');
  const { loadTask } = await import('../../tasks/tune/load.js');
  const { wholeTextOf } = await import('../lines.js');
  const { withRuntime } = await import('../runtime.js');
  const { question, data, input = '-', count, threshold, checkpoint: which } = flags;
  if ((question === undefined) === (data === undefined) || (data !== undefined && flags.input !== undefined))
    throw new UsageError('Give --question TEXT, with its text as --input FILE, or --data FILE with rows.');
  const saved = await loadTask(files, folder, { wanted: 'answer', which });
  const rows = await rowsWithQuestions(saved, flags);
  if (question !== undefined) noteEmptyContext(saved);
  const single =
    question === undefined ? [] : [{ question, context: await wholeTextOf(input), line: undefined }];
  await withRuntime(flags, async (runtime) => {
    const answerer = Answerer.open(saved, { runtime });
    try {
      for (const { line, ...asked } of [...single, ...rows])
        show({ line, question: asked.question }, await answerer.answer(asked, { count, threshold }), flags);
    } finally {
      await answerer.dispose();
    }
  });
}

/** A question of a row, what stands in front of it, and the text that may answer it. */
interface QuestionOfRow extends Question {
  readonly line: number;
}

async function rowsWithQuestions(saved: SavedTask, flags: AnswerFlags): Promise<readonly QuestionOfRow[]> {
  const { textInContext } = await import('../../tasks/tune/text-in-context.js');
  const rows = await inputRows(saved, flags, ['question', 'context']);
  return rows.map((row) => {
    const { text, context: before } = textInContext(row, 'question', saved.columns.context);
    return { question: text, before, context: row.values['context'] ?? '', line: row.line };
  });
}

function show(
  { line, question }: { readonly line: number | undefined; readonly question: string },
  found: Answer,
  { json }: AnswerFlags,
): void {
  if (json) return printJson({ ...(line !== undefined && { line }), question, ...found });
  const { answer, start, end, confidence } = found;
  if (line !== undefined) return print(onOneLine(answer ?? ''));
  if (answer === null) return note('The text does not say.');
  print(answer);
  note(faint(`characters ${start} to ${end}, confidence ${confidence.toFixed(2)}`));
}
