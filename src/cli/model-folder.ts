// The folder of a sentence encoder that was named on the command line. Knows nothing of what is done with it.
import { homedir } from 'node:os';
import type { Files } from '../core/files.js';
import { note } from './output.js';

/** The folder itself, or the one into which the hub's model of that name was fetched. */
export async function modelFolder(files: Files, model: string): Promise<string> {
  const { fetchModel, isHubName } = await import('../tasks/embed/hub.js');
  if (!isHubName(model) || (await files.info(model)) !== undefined) return model;
  const onFile = (file: string): void => note(`Fetching ${model}: ${file}`);
  return fetchModel(model, { files, cache: modelCache(), onFile });
}

/** `MNEME_CACHE`, or the place for caches in the home folder. */
function modelCache(): string {
  return `${process.env['MNEME_CACHE'] ?? `${homedir()}/.cache/mneme`}/models`;
}
