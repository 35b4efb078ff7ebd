// `mneme generate`: lets a trained model continue a text.
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Generation, SamplingOptions } from '../../generate/index.js';
import { messageOf } from '../../core/errors.js';
import { checkSamplingOptions } from '../../generate/sampling.js';
import { wholeNumber } from '../options.js';
import { formatCount, note, printJson } from '../output.js';

interface GenerateFlags extends SamplingOptions {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly stop?: readonly string[];
  readonly checkpoint?: 'best' | 'last';
  readonly threads?: number;
  readonly json?: boolean;
}

/** The value of a sampling option, checked as generation does. */
function sampling(name: keyof SamplingOptions): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    try {
      checkSamplingOptions({ [name]: value });
    } catch (error) {
      throw new InvalidArgumentError(messageOf(error));
    }
    return value;
  };
}

export function command(): Command {
  return new Command('generate')
    .description('Let a trained model continue a text.')
    .argument('<run>', 'run folder')
    .requiredOption('--prompt <text>', 'what the text begins with')
    .option('--max-tokens <n>', 'most tokens to write', wholeNumber(1), 256)
    .option(
      '--temperature <t>',
      'below 1 plainer, above 1 wilder, 0 always the likeliest (default: 1)',
      sampling('temperature'),
    )
    .option('--top-k <k>', 'choose among the k likeliest tokens (default: all)', sampling('topK'))
    .option(
      '--top-p <p>',
      'choose among the likeliest tokens that together have probability p (default: 1)',
      sampling('topP'),
    )
    .option(
      '--min-p <p>',
      'choose among tokens at least p times as likely as the likeliest (default: 0)',
      sampling('minP'),
    )
    .option(
      '--repetition-penalty <r>',
      'above 1 makes what occurred less likely (default: 1)',
      sampling('repetitionPenalty'),
    )
    .option('--stop <text...>', 'end before this text; may be given several times')
    .option('--seed <n>', 'the same seed writes the same text (default: a new one)', sampling('seed'))
    .addOption(new Option('--checkpoint <which>', 'default: best if there is one').choices(['best', 'last']))
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

async function run(folder: string, flags: GenerateFlags): Promise<void> {
  const seed = flags.seed ?? Math.floor(Math.random() * 2 ** 32);
  const { text, tokens, tokensPerSecond, finish } = await generate(folder, { ...flags, seed });
  if (flags.json) return printJson({ text, tokens, tokensPerSecond, finish, seed });
  if (!text.endsWith('\n')) process.stdout.write('\n');
  note(`${formatCount(tokens)} tokens, ${formatCount(tokensPerSecond)} tokens/s, seed ${seed}`);
}

async function generate(folder: string, flags: GenerateFlags): Promise<Generation> {
  const { files } = await import('../../core/files.node.js');
  const { loadLanguageModel } = await import('../../tasks/language-model/load.js');
  const { writeOn } = await import('../../tasks/language-model/write.js');
  const { withRuntime } = await import('../runtime.js');
  const { prompt, threads, checkpoint, json, ...options } = flags;
  const saved = await loadLanguageModel(files, folder, checkpoint);
  const show = (text: string): unknown => json || process.stdout.write(text);
  return withRuntime({ threads }, (runtime) => writeOn(runtime, saved, prompt, options, show));
}
