// `mneme label`: labels the words of sentences.
import { Command, Option } from 'commander';
import type { InputRowFlags } from '../input-rows.js';
import type { LabelledSentence, SentenceToLabel } from '../../tasks/label/label.js';
import { UsageError } from '../../core/errors.js';
import { inputRows, withInputRowFlags } from '../input-rows.js';
import { wholeNumber } from '../options.js';
import { print, printJson } from '../output.js';

interface LabelFlags extends InputRowFlags {
  readonly input?: string;
  readonly tokenized?: boolean;
  readonly checkpoint?: 'best' | 'last';
  readonly threads?: number;
  readonly json?: boolean;
}

const help = `
One line out for each word, word and label, and an empty line behind each sentence, as CoNLL files have it; or with --json an object a
sentence, with tokens, labels and the spans of labels such as B-PER and I-PER. Examples:
  npx mneme label RUN "Anna went to Rome."
  npx mneme label RUN --input sentences.txt --json
  npx mneme label RUN --data sentences.conll
`;

export function command(): Command {
  const verb = new Command('label')
    .description('Label the words of sentences with a run of the task label.')
    .argument('<run>', 'run folder')
    .argument('[sentence...]', 'sentences')
    .option('--input <file>', 'sentences, one a line; - for standard input');
  return withInputRowFlags(verb)
    .option('--tokenized', 'words are parted by spaces already (default: as a dictionary has it)')
    .addOption(new Option('--checkpoint <which>', 'default: best if there is one').choices(['best', 'last']))
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', help)
    .action(run);
}

/** Lines that are labelled at once. */
const linesAtOnce = 256;

async function run(folder: string, sentences: readonly string[], flags: LabelFlags): Promise<void> {
  const { files } = await import('../../core/files.node.js');
  const { Labeller } = await import('../../tasks/label/label.js');
  const { wordsOfRow } = await import('../../tasks/label/open-labeller.js');
  const { loadTask } = await import('../../tasks/tune/load.js');
  const { groupsOf, linesOf } = await import('../lines.js');
  const { withRuntime } = await import('../runtime.js');
  const { checkpoint: which, input, data, tokenized = false } = flags;
  if (sentences.length === 0 && input === undefined && data === undefined)
    throw new UsageError(
      'Give a sentence, or --input FILE with one a line (- for standard input), or --data FILE with rows.',
    );
  const given = (text: string): SentenceToLabel =>
    tokenized ? text.split(/\s+/).filter((word) => word !== '') : text;
  const saved = await loadTask(files, folder, { wanted: 'label', which });
  const rows = await inputRows(saved, flags, ['tokens']);
  await withRuntime(flags, async (runtime) => {
    const labeller = await Labeller.open(saved, { runtime });
    try {
      show(await labeller.label(sentences.map(given)), flags);
      if (input !== undefined)
        for await (const lines of groupsOf(linesOf(input), linesAtOnce))
          show(await labeller.label(lines.map(given)), flags);
      for await (const group of groupsOf(rows, linesAtOnce))
        show(await labeller.label(group.map(wordsOfRow)), flags);
    } finally {
      await labeller.dispose();
    }
  });
}

function show(sentences: readonly LabelledSentence[], { json }: LabelFlags): void {
  for (const sentence of sentences) {
    if (json) printJson(sentence);
    else print(sentence.tokens.map((word, i) => `${word}\t${sentence.labels[i] ?? ''}\n`).join(''));
  }
}
