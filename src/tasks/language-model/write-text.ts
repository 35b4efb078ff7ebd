// Lets a trained language model continue a text. Knows nothing of training or of what shows the text.
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { GenerateOptions, Generation } from '../../generate/index.js';
import type { SavedLanguageModel } from './load.js';
import { endOfTextId } from '../../data/index.js';
import { collect, generate, LoadedDecoder } from '../../generate/index.js';

export interface WriteOptions extends GenerateOptions {
  /** Called with each piece of text as it is written. */
  readonly onText?: (text: string) => void;
}

/**
 * Continues a text. The token that separates documents ends it, if the tokenizer has one.
 * @param prompt what the text begins with; not empty, and not part of what is returned
 * @throws {ConfigError} when an option has an impossible value
 * @throws {TokenizerError} when the prompt is empty, or has a character that the tokenizer does not know
 *
 * @example
 * const saved = await loadLanguageModel(files, 'runs/shakespeare');
 * const { text } = await writeText(runtime, saved, 'ROMEO:', { maxTokens: 100, seed: 1 });
 */
export async function writeText(
  runtime: Runtime,
  { model, parameters, tokenizer }: Pick<SavedLanguageModel, 'model' | 'parameters' | 'tokenizer'>,
  prompt: string,
  { onText, ...options }: WriteOptions = {},
): Promise<Generation> {
  const decoder = await LoadedDecoder.load(runtime, model, parameters);
  try {
    const end = endOfTextId(tokenizer);
    const ids = tokenizer.encode(prompt);
    const session = await decoder.createSession();
    const endTokens = end === undefined ? [] : [end];
    return await collect(generate(session, tokenizer, ids, { endTokens, ...options }), onText);
  } finally {
    await decoder.dispose();
  }
}
