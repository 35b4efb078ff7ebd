// Checks plain data against a schema and says what is wrong in words. Knows no particular configuration.
import { z } from 'zod';
import { ConfigError } from './errors.js';
import { didYouMean } from './nearest.js';

/**
 * The data as its schema gives it back, with every default filled in.
 * @param what names the configuration in messages, such as `Model configuration`
 * @throws {ConfigError} that names each wrong key, with the nearest known one
 */
export function parseConfig<S extends z.ZodType>(schema: S, input: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  throw new ConfigError(`${what}: ${issues.map((issue) => describe(schema, issue)).join(' ')}`, {
    fields: { issues: issues.map((issue) => issue.path.join('.')) },
  });
}

function describe(schema: z.ZodType, issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path);
    return issue.keys
      .map((key) => `unknown key "${[...issue.path, key].join('.')}".${didYouMean(key, known)}`)
      .join(' ');
  }
  return `${issue.path.join('.') || 'the configuration'}: ${issue.message}.`;
}

/** The keys that an object at `path` may have. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return keysAt(schema.unwrap(), path);
  if (schema instanceof z.ZodUnion)
    return [...new Set(schema.options.flatMap((option) => keysAt(option, path)))];
  if (!(schema instanceof z.ZodObject)) return [];
  const [key, ...rest] = path;
  return key === undefined ? Object.keys(schema.shape) : keysAt(schema.shape[String(key)], rest);
}
