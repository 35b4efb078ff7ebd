// `mneme inspect`: shows what happens inside of a model while it reads a text.
import { Command, Option } from 'commander';
import type { Inspection, InspectedToken } from '../../tasks/language-model/inspect.js';
import type { SavedLanguageModel } from '../../tasks/language-model/load.js';
import { UsageError } from '../../core/errors.js';
import { wholeNumber } from '../options.js';
import { faint, note, print, printJson } from '../output.js';

interface InspectFlags {
  readonly text?: string;
  readonly data?: string;
  readonly html?: string;
  readonly checkpoint?: 'best' | 'last';
  readonly threads?: number;
  readonly json?: boolean;
}

export function command(): Command {
  return new Command('inspect')
    .description('Look inside of a trained model while it reads: surprise, attention, gates, memory.')
    .argument('<run>', 'run folder')
    .option('--text <text>', 'what it reads')
    .option('--data <file>', 'a text file, in the place of --text')
    .option('--html <file>', 'write a page to look at in a browser; it needs no network')
    .addOption(new Option('--checkpoint <which>', 'default: best if there is one').choices(['best', 'last']))
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print everything as one JSON object')
    .action(run);
}

async function run(folder: string, flags: InspectFlags): Promise<void> {
  const { files } = await import('../../core/files.node.js');
  const { loadLanguageModel } = await import('../../tasks/language-model/load.js');
  const { inspect } = await import('../../tasks/language-model/inspect.js');
  const { withRuntime } = await import('../runtime.js');
  const { text: given, data, html, checkpoint, threads, json } = flags;
  const text = given ?? (data === undefined ? undefined : await files.readText(data));
  if (text === undefined || (given !== undefined && data !== undefined))
    throw new UsageError('Give either --text TEXT or --data FILE: what the model is to read.');
  const saved = await loadLanguageModel(files, folder, checkpoint);
  const inspection = await withRuntime({ threads }, (runtime) => inspect(runtime, saved, text));
  if (html !== undefined) {
    const { inspectionPage } = await import('../inspect/page.js');
    const memories = saved.model.config.memory.map(({ kind }) => kind);
    const facts = { run: folder, model: describe(saved), memories };
    await files.writeAtomic(html, inspectionPage(inspection, facts));
    note(`${html}: open it in a browser.`);
  }
  if (json) return printJson(inspection);
  if (html === undefined) print(table(inspection));
}

/** `language model, 2 blocks: gru, attention; width 128; step 2000` */
function describe({ model, state }: SavedLanguageModel): string {
  const { layers, width, memory } = model.config;
  const kinds = [...new Set(memory.map(({ kind }) => kind))].join(', ');
  return `language model, ${layers} ${layers === 1 ? 'block' : 'blocks'} of ${kinds}, width ${width}, step ${state.step}`;
}

const barWidth = 24;

/** The tokens with their surprise as bars, and what there is to see in JSON and on the page. */
function table({ tokens, meanSurprise, views }: Inspection): string {
  const highest = tokens.reduce((most, { surprise }) => Math.max(most, surprise ?? 0), 1);
  const line = ({ text, surprise, guesses }: InspectedToken): string => {
    const bar = '█'.repeat(Math.round((barWidth * (surprise ?? 0)) / highest)).padEnd(barWidth);
    const expected = guesses.slice(0, 3).map((guess) => JSON.stringify(guess.text));
    const number = surprise === null ? '' : surprise.toFixed(2);
    return `${number.padStart(6)} ${bar} ${JSON.stringify(text)}${faint(expected.length === 0 ? '' : `  expected ${expected.join(' ')}`)}`;
  };
  const shown = views.map(({ path, kind }) => `  ${path} (${kind})`);
  return [
    ...tokens.map(line),
    `mean surprise ${meanSurprise?.toFixed(4) ?? 'unknown'} nats per token`,
    ...(shown.length === 0 ? [] : ['With --html or --json there is more to see:', ...shown]),
  ].join('\n');
}
