// Lets a trained language model write one text. Knows nothing of training or of what shows the text.
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { GenerateOptions, Generation } from '../../generate/index.js';
import type { SavedLanguageModel } from './load.js';
import { openSession } from './text-session.js';

/**
 * Writes on after a prompt, which is not part of what is returned. See `TextSession.write`; a session can go on afterwards.
 * @throws {ConfigError} when an option has an impossible value
 * @throws {TokenizerError} when the prompt is empty, or has characters that the tokenizer does not know
 *
 * @example
 * const saved = await loadLanguageModel(files, 'runs/shakespeare');
 * const { text } = await writeOn(runtime, saved, 'ROMEO:', { maxTokens: 100, seed: 1 });
 */
export async function writeOn(
  runtime: Runtime,
  saved: SavedLanguageModel,
  prompt: string,
  options: GenerateOptions = {},
  onText?: (text: string) => void,
): Promise<Generation> {
  const session = await openSession(runtime, saved);
  try {
    return await session.write(prompt, options, onText);
  } finally {
    await session.dispose();
  }
}
