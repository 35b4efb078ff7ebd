// `mneme answer`: finds the answer to a question in a text.
import { Command, Option } from 'commander';
import type { Answer } from '../../tasks/answer/answer.js';
import { number, wholeNumber } from '../options.js';
import { faint, note, print, printJson } from '../output.js';

interface AnswerFlags {
  readonly question: string;
  readonly input: string;
  readonly count: number;
  readonly threshold?: number;
  readonly checkpoint?: 'best' | 'last';
  readonly threads?: number;
  readonly json?: boolean;
}

const help = `
The text may have any length: a long one is read in chunks that overlap, and the best stretch of all of them counts.
  npx mneme answer RUN --question 'Who wrote it?' --input letter.txt
`;

export function command(): Command {
  return new Command('answer')
    .description('Find the answer to a question in a text, with a run of the task answer.')
    .argument('<run>', 'run folder')
    .requiredOption('--question <text>', 'what is asked')
    .option('--input <file>', 'the text; - for standard input', '-')
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
  const found = await answered(folder, flags);
  if (flags.json) return printJson({ question: flags.question, ...found });
  const { answer, start, end, confidence } = found;
  if (answer === null) return note('The text does not say.');
  print(answer);
  note(faint(`characters ${start} to ${end}, confidence ${confidence.toFixed(2)}`));
}

async function answered(folder: string, flags: AnswerFlags): Promise<Answer> {
  const { answer } = await import('../../tasks/answer/answer.js');
  const { files } = await import('../../core/files.node.js');
  const { textsOf } = await import('../lines.js');
  const { withRuntime } = await import('../runtime.js');
  const { question, input, count, threshold, checkpoint } = flags;
  let context = '';
  for await (const text of textsOf(input)) context += text;
  return withRuntime(flags, (runtime) =>
    answer(folder, { question, context }, { files, runtime, count, threshold, checkpoint }),
  );
}
