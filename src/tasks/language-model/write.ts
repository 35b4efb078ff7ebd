// Lets a trained language model write. Knows nothing of training or of what shows the text.
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { GenerateOptions, Generation } from '../../generate/index.js';
import type { SavedLanguageModel } from './load.js';
import { endOfTextId } from '../../data/index.js';
import { collect, generate, LoadedDecoder } from '../../generate/index.js';

/**
 * Writes on after a prompt, which is not part of what is returned. The token that separates documents ends the text, if the
 * tokenizer has one.
 * @param onText is called with each new piece of text
 * @throws {ConfigError} when an option has an impossible value
 * @throws {TokenizerError} when the prompt is empty, or has characters that the tokenizer does not know
 *
 * @example
 * const saved = await loadLanguageModel(files, 'runs/shakespeare');
 * const { text } = await writeOn(runtime, saved, 'ROMEO:', { maxTokens: 100, seed: 1 });
 */
export async function writeOn(
  runtime: Runtime,
  { model, parameters, tokenizer }: Pick<SavedLanguageModel, 'model' | 'parameters' | 'tokenizer'>,
  prompt: string,
  options: GenerateOptions = {},
  onText?: (text: string) => void,
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
