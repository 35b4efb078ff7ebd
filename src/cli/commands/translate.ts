// `mneme translate`: translates texts, line by line.
import { Command, Option } from 'commander';
import type { Translator } from '../../tasks/translate/translate.js';
import type { TextOrInContext } from '../../tasks/tune/text-in-context.js';
import type { DecodingFlags } from '../decoding-flags.js';
import type { InputRowFlags } from '../input-rows.js';
import { UsageError } from '../../core/errors.js';
import { decodingOf, withDecodingFlags } from '../decoding-flags.js';
import { inputTexts, noteEmptyContext, shownInput, withInputRowFlags } from '../input-rows.js';
import { wholeNumber } from '../options.js';
import { onOneLine, print, printJson, progressLine } from '../output.js';

interface TranslateFlags extends DecodingFlags, InputRowFlags {
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
  return withDecodingFlags(withInputRowFlags(verb))
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
  const { checkpoint: which, input, data } = flags;
  const isPlain = texts.length > 0 || input !== undefined;
  if (!isPlain && data === undefined)
    throw new UsageError('Give a text, --input FILE (- for standard input), or --data FILE with rows.');
  const saved = await loadTask(files, folder, { wanted: 'translate', which });
  const rows = await inputTexts(saved, flags, 'source');
  if (isPlain) noteEmptyContext(saved);
  await withRuntime(flags, async (runtime) => {
    const translator = await Translator.open(saved, { runtime });
    try {
      if (texts.length > 0) await translated(translator, texts, flags);
      if (input !== undefined)
        for await (const lines of groupsOf(linesOf(input), linesAtOnce))
          await translated(translator, lines, flags);
      for await (const group of groupsOf(rows, linesAtOnce)) await translated(translator, group, flags);
    } finally {
      await translator.dispose();
    }
  });
}

async function translated(
  translator: Translator,
  texts: readonly TextOrInContext[],
  flags: TranslateFlags,
): Promise<void> {
  const onProgress = (done: number): void => progressLine.update(() => `translating: ${done} done`);
  const found = await translator.write(texts, { ...decodingOf(flags), onProgress });
  progressLine.clear();
  for (const [i, { text, segments }] of found.entries()) {
    const given = texts[i] ?? '';
    if (flags.json) printJson({ ...shownInput(given, 'source'), text, segments });
    else print(typeof given === 'string' ? text : onOneLine(text));
  }
}
