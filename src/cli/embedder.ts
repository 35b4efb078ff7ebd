// The embedder of a verb: a sentence encoder in a folder or on the hub, or an endpoint. Knows nothing of the archive.
import { Command } from 'commander';
import type { Embedder } from '../archive/index.js';
import { UsageError } from '../core/errors.js';
import { modelFolder } from './model-folder.js';
import { withRuntime } from './runtime.js';

export interface EmbedderFlags {
  readonly embedder?: string;
  readonly embeddingModel?: string;
}

export function withEmbedderFlags(command: Command): Command {
  return command
    .option(
      '--embedder <model>',
      'folder of a sentence encoder, its name on the Hugging Face hub, https://host/v1, or none (default: $MNEME_EMBEDDER, else none)',
    )
    .option('--embedding-model <name>', "an endpoint's model; its key is taken from $MNEME_EMBEDDER_KEY");
}

const isAddress = (text: string): boolean => /^https?:\/\//.test(text);

/** Runs `work` with the embedder that was asked for, if one was. */
export async function withEmbedder<T>(
  flags: EmbedderFlags,
  work: (embedder: Embedder | undefined) => Promise<T>,
): Promise<T> {
  const model = flags.embedder ?? process.env['MNEME_EMBEDDER'] ?? 'none';
  if (model === 'none' || model === '') return work(undefined);
  if (isAddress(model)) return work(await endpoint(model, flags.embeddingModel));
  const { files } = await import('../core/files.node.js');
  const { createSentenceEncoder } = await import('../tasks/embed/sentence-encoder.js');
  const folder = await modelFolder(files, model);
  return withRuntime({}, async (runtime) => {
    const encoder = await createSentenceEncoder(folder, { files, runtime });
    try {
      return await work(encoder);
    } finally {
      await encoder.dispose();
    }
  });
}

async function endpoint(url: string, model: string | undefined): Promise<Embedder> {
  if (model === undefined)
    throw new UsageError(`--embedder ${url} needs --embedding-model NAME: which of the endpoint's models.`);
  const { connectEndpointEmbedder } = await import('../archive/index.js');
  const apiKey = process.env['MNEME_EMBEDDER_KEY'];
  return connectEndpointEmbedder({ url, model, ...(apiKey === undefined ? {} : { apiKey }) });
}
