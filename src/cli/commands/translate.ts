// `mneme translate`: translates texts, line by line.
import { Command, Option } from 'commander';
import type { Translator } from '../../tasks/translate/translate.js';
import type { DecodingFlags } from '../decoding-flags.js';
import { UsageError } from '../../core/errors.js';
import { decodingOf, withDecodingFlags } from '../decoding-flags.js';
import { wholeNumber } from '../options.js';
import { print, printJson, progressLine } from '../output.js';

interface TranslateFlags extends DecodingFlags {
  readonly input?: string;
  readonly checkpoint?: 'best' | 'last';
  readonly threads?: number;
  readonly json?: boolean;
}

export function command(): Command {
  const verb = new Command('translate')
    .description('Translate texts with a run of the task translate. One line out for each line in.')
    .argument('<run>', 'run folder')
    .argument('[text...]', 'texts')
    .option('--input <file>', 'text to translate; - for standard input')
    .addOption(new Option('--checkpoint <which>', 'default: best if there is one').choices(['best', 'last']));
  return withDecodingFlags(verb)
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print one JSON object a line')
    .action(run);
}

/** Lines that are translated at once: enough to be put together by length. */
const linesAtOnce = 1024;

async function run(folder: string, texts: readonly string[], flags: TranslateFlags): Promise<void> {
  const { files } = await import('../../core/files.node.js');
  const { Translator } = await import('../../tasks/translate/translate.js');
  const { loadTask } = await import('../../tasks/tune/load.js');
  const { groupsOf, linesOf } = await import('../lines.js');
  const { withRuntime } = await import('../runtime.js');
  const { checkpoint: which, input } = flags;
  if (texts.length === 0 && input === undefined)
    throw new UsageError('Give a text, or --input FILE (- for standard input).');
  const saved = await loadTask(files, folder, { wanted: 'translate', which });
  await withRuntime(flags, async (runtime) => {
    const translator = await Translator.open(saved, { runtime });
    try {
      if (texts.length > 0) await translated(translator, texts, flags);
      if (input !== undefined)
        for await (const lines of groupsOf(linesOf(input), linesAtOnce))
          await translated(translator, lines, flags);
    } finally {
      await translator.dispose();
    }
  });
}

async function translated(
  translator: Translator,
  texts: readonly string[],
  flags: TranslateFlags,
): Promise<void> {
  const onProgress = (done: number): void => progressLine.update(() => `translating: ${done} done`);
  const found = await translator.write(texts, { ...decodingOf(flags), onProgress });
  progressLine.clear();
  for (const [i, { text, segments }] of found.entries()) {
    if (flags.json) printJson({ source: texts[i] ?? '', text, segments });
    else print(text);
  }
}
