// Recipes and other settings from JSON files. Knows nothing of what they must hold.
import type { JsonObject } from '../checkpoint/index.js';
import { isJsonObject } from '../checkpoint/index.js';
import { ConfigError, messageOf } from '../core/errors.js';
import { files } from '../core/files.node.js';

/** A recipe that was not checked yet, and what to call it. @throws {ConfigError} when the file is not a JSON object */
export async function readRecipe(
  path: string,
): Promise<{ readonly name: string; readonly recipe: JsonObject }> {
  const name = path.replace(/^.*\//, '').replace(/\.json$/, '');
  return { name, recipe: await readObject(path, 'a recipe') };
}

/** @param what is expected in it, such as `a recipe`. @throws {ConfigError} when it is not a JSON object */
export async function readObject(path: string, what: string): Promise<JsonObject> {
  let value: unknown;
  try {
    value = JSON.parse(await files.readText(path));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new ConfigError(`"${path}" is not JSON: ${messageOf(cause)}`, { cause, fields: { path } });
  }
  if (isJsonObject(value)) return value;
  throw new ConfigError(`"${path}" is not ${what}: a JSON object was expected.`, { fields: { path } });
}
