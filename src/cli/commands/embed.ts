// `mneme embed`: turns texts into vectors.
import { text } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import type { EmbeddingRole } from '../../archive/embedder.js';
import type { Files } from '../../core/files.js';
import { UsageError } from '../../core/errors.js';
import { modelFolder } from '../model-folder.js';
import { wholeNumber } from '../options.js';
import { print, printJson } from '../output.js';
import { surroundings } from '../surroundings.js';

interface EmbedFlags {
  readonly input?: string;
  readonly role: EmbeddingRole;
  readonly prefix?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

export function command(): Command {
  return new Command('embed')
    .description('Turn texts into vectors of length 1.')
    .argument('<model>', 'folder of a sentence encoder, or its name on the Hugging Face hub: owner/name')
    .argument('[text...]', 'texts')
    .option('--input <file>', 'texts, one a line; - for standard input')
    .addOption(
      new Option('--role <role>', 'what the texts are to a search, for encoders with prompts')
        .choices(['query', 'passage'])
        .default('passage'),
    )
    .option('--prefix <text>', "put before each text (default: the model's prompt for the role)")
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1))
    .option('--json', 'print one JSON object (default: one JSON array a line for each text)')
    .action(run);
}

async function run(model: string, given: readonly string[], flags: EmbedFlags): Promise<void> {
  const { files } = await import('../../core/files.node.js');
  const { createSentenceEncoder } = await import('../../tasks/embed/sentence-encoder.js');
  const { withRuntime } = await import('../runtime.js');
  const texts = [...given, ...(flags.input === undefined ? [] : await linesOf(files, flags.input))];
  if (texts.length === 0) throw new UsageError('Give a text, or --input FILE with one text a line.');
  const folder = await modelFolder(files, model);
  const prefixes = flags.prefix === undefined ? {} : { [flags.role]: flags.prefix };
  await withRuntime(flags, async (runtime) => {
    const encoder = await createSentenceEncoder(folder, { files, runtime, prefixes });
    const vectors = (await encoder.embed(texts, flags.role)).map((vector) => Array.from(vector));
    const { name: embedder, dimension } = encoder;
    if (flags.json) printJson({ embedder, dimension, texts, vectors });
    else for (const vector of vectors) print(JSON.stringify(vector));
  });
}

async function linesOf(files: Files, path: string): Promise<string[]> {
  const whole = path === '-' ? await text(surroundings().stdin) : await files.readText(path);
  return whole.replace(/\r?\n$/, '').split(/\r?\n/);
}
