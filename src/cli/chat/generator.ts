// The generator of a conversation in the terminal: a run, an endpoint, or none but quotations. Knows nothing of conversations.
import type { Command } from 'commander';
import { Option } from 'commander';
import type { RunConfig } from '../../checkpoint/index.js';
import type { Generator } from '../../tasks/chat/generator.js';
import type { ChatTemplate } from '../../text/index.js';
import { UsageError } from '../../core/errors.js';
import { number, wholeNumber } from '../options.js';
import { withRuntime } from '../runtime.js';

export interface GeneratorFlags {
  readonly model?: string;
  readonly context?: number;
  readonly timeout?: number;
  readonly threads?: number;
  readonly checkpoint?: 'best' | 'last';
  readonly chatTemplate?: string;
}

/** The flags of the verbs that answer. */
export function withGeneratorFlags(command: Command): Command {
  return command
    .option(
      '--model <url#name>',
      'an OpenAI-compatible endpoint; its key is taken from $MNEME_API_KEY, else $OPENAI_API_KEY',
    )
    .option(
      '--context <n>',
      'tokens of prompt and answer together (default: what the model has, 8192 for an endpoint)',
      wholeNumber(64),
    )
    .option('--timeout <seconds>', 'how long an endpoint may say nothing (default: 60)', number(0.001))
    .addOption(
      new Option('--checkpoint <which>', 'of the run; default: best if there is one').choices([
        'best',
        'last',
      ]),
    )
    .option(
      '--chat-template <file>',
      "how messages are written for a run, as JSON (default: the run's own, else User: and Assistant:)",
    )
    .option('--threads <n>', 'threads of the runtime (default: all cores)', wholeNumber(1));
}

/** `https://host/v1#name` as address and name. @throws {UsageError} when one of them is missing */
export function endpointOf(text: string): { readonly url: string; readonly model: string } {
  const at = text.indexOf('#');
  const [url, model] = [text.slice(0, at), text.slice(at + 1)];
  if (at > 0 && model !== '' && URL.canParse(url)) return { url, model };
  throw new UsageError(
    `--model ${text} is no endpoint. Expected URL#NAME, such as http://127.0.0.1:11434/v1#qwen3.`,
  );
}

/** Runs `work` with the generator that was asked for; without one, answers are quotations. */
export async function withGenerator<T>(
  run: string | undefined,
  flags: GeneratorFlags,
  work: (generator: Generator) => Promise<T>,
): Promise<T> {
  const { model, context, timeout, threads, checkpoint, chatTemplate } = flags;
  if (run !== undefined && model !== undefined)
    throw new UsageError('Give a run folder or --model URL#NAME, not both: one of them answers.');
  if (chatTemplate !== undefined && run === undefined)
    throw new UsageError('--chat-template is for a run folder: an endpoint has its own template.');
  if (model !== undefined) {
    const { endpointGenerator } = await import('../../tasks/chat/generators/endpoint.js');
    const apiKey = process.env['MNEME_API_KEY'] ?? process.env['OPENAI_API_KEY'];
    const timeoutMs = timeout === undefined ? undefined : 1000 * timeout;
    return work(endpointGenerator({ ...endpointOf(model), apiKey, maxTokens: context, timeoutMs }));
  }
  if (run === undefined) {
    const { extractiveGenerator } = await import('../../tasks/chat/generators/extractive.js');
    return work(extractiveGenerator());
  }
  const { files } = await import('../../core/files.node.js');
  const { loadLanguageModel } = await import('../../tasks/language-model/load.js');
  const { runGenerator } = await import('../../tasks/chat/generators/run.js');
  const saved = await loadLanguageModel(files, run, checkpoint);
  const template = await templateOf(saved.run.config, chatTemplate);
  return withRuntime({ threads }, async (runtime) => {
    const size = context === undefined ? {} : { maxTokens: context };
    const generator = await runGenerator(runtime, saved, { name: run, template, ...size });
    try {
      return await work(generator);
    } finally {
      await generator.dispose();
    }
  });
}

/** That of the file, otherwise the one that the run was trained with; `undefined` where it has none. */
async function templateOf({ chat }: RunConfig, path: string | undefined): Promise<ChatTemplate | undefined> {
  const { parseChatTemplate } = await import('../../text/index.js');
  const { readObject } = await import('../recipe-file.js');
  const written = path === undefined ? chat : await readObject(path, 'a chat template');
  return written === undefined ? undefined : parseChatTemplate(written);
}
