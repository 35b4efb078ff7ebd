// Recipes from JSON files. Knows nothing of what they must hold.
import type { JsonObject } from '../checkpoint/index.js';
import { isJsonObject } from '../checkpoint/index.js';
import { ConfigError, messageOf } from '../core/errors.js';
import { files } from '../core/files.node.js';

/** A recipe that was not checked yet, and what to call it. @throws {ConfigError} when the file is not a JSON object */
export async function readRecipe(
  path: string,
): Promise<{ readonly name: string; readonly recipe: JsonObject }> {
  const name = path.replace(/^.*\//, '').replace(/\.json$/, '');
  return { name, recipe: parseObject(await files.readText(path), path) };
}

function parseObject(text: string, path: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(`"${path}" is not JSON: ${messageOf(cause)}`, { cause, fields: { path } });
  }
  if (isJsonObject(value)) return value;
  throw new ConfigError(`"${path}" is not a recipe: a JSON object was expected.`, { fields: { path } });
}
