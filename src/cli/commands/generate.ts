// `mneme generate`: lets a trained model continue a text.
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Generation, SamplingOptions } from '../../generate/index.js';
import { AbortedError, messageOf, UsageError } from '../../core/errors.js';
import { checkSamplingOptions } from '../../generate/sampling.js';
import { wholeNumber } from '../options.js';
import { formatCount, note, print, printJson, printPiece } from '../output.js';

interface GenerateFlags extends SamplingOptions {
  readonly prompt?: string;
  readonly state?: string;
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
    .option('--prompt <text>', 'what the text begins with, or what is said next where --state goes on')
    .option(
      '--state <file>',
      'what the model remembers: goes on from there if the file exists, and is saved there at the end',
    )
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
    .option(
      '--seed <n>',
      'the same seed writes the same text (default: a new one, or to draw on where --state stopped)',
      sampling('seed'),
    )
    .addOption(new Option('--checkpoint <which>', 'default: best if there is one').choices(['best', 'last']))
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print the result as one JSON object')
    .action(run);
}

async function run(folder: string, flags: GenerateFlags): Promise<void> {
  const { text, tokens, tokensPerSecond, finish, seed } = await generate(folder, flags);
  if (flags.json) return printJson({ text, tokens, tokensPerSecond, finish, seed });
  if (!text.endsWith('\n')) print('');
  const drawn = seed === null ? '' : `, seed ${seed}`;
  note(`${formatCount(tokens)} tokens, ${formatCount(tokensPerSecond)} tokens/s${drawn}`);
}

/** A text, and the seed from which it was drawn; `null` where the draws of an earlier text went on. */
type Written = Generation & { readonly seed: number | null };

async function generate(folder: string, flags: GenerateFlags): Promise<Written> {
  const { files } = await import('../../core/files.node.js');
  const { loadLanguageModel } = await import('../../tasks/language-model/load.js');
  const { withRuntime } = await import('../runtime.js');
  const { withTextSession } = await import('../text-session.js');
  const { interruptible } = await import('../interrupt.js');
  const { prompt = '', state, threads, checkpoint, json, ...options } = flags;
  const saved = await loadLanguageModel(files, folder, checkpoint);
  const show = (text: string): unknown => json || printPiece(text);
  const write = (signal?: AbortSignal): Promise<Written> =>
    withRuntime({ threads }, (runtime) =>
      withTextSession(runtime, saved, state, async (session) => {
        if (prompt === '' && !session.hasRead)
          throw new UsageError('--prompt TEXT is needed: there is nothing yet to go on from.');
        const seed = options.seed ?? (session.canDrawOn ? undefined : Math.floor(Math.random() * 2 ** 32));
        const save = async (): Promise<void> =>
          state === undefined ? undefined : session.saveState(files, state);
        try {
          const written = await session.write(prompt, { ...options, seed, signal }, show);
          await save();
          return { ...written, seed: seed ?? null };
        } catch (error) {
          if (error instanceof AbortedError) await save();
          throw error;
        }
      }),
    );
  return state === undefined ? write() : interruptible('Stopping, and saving the state.', write);
}
