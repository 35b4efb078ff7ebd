// Plain JSON data: its type, one canonical spelling, and reading it from a file. Knows nothing of what it stands for.
import { CheckpointError, messageOf } from '../core/errors.js';

/** What a JSON file can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [key: string]: JsonValue };

/** JSON without spaces and with sorted keys: equal data give equal text, whatever order the keys were written in. */
export function canonicalJson(value: JsonValue): string {
  return JSON.stringify(value, (_, node: unknown) =>
    isJsonObject(node) ? Object.fromEntries(Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1))) : node,
  );
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws {CheckpointError} when the text of the file at `path` is not JSON */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CheckpointError(`"${path}" is not valid JSON (${messageOf(cause)}). Restore it from a copy.`, {
      fields: { path },
      cause,
    });
  }
}

/** Data as JSON holds them: without keys that are undefined. */
export function plainJson(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
