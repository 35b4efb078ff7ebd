// Reads an encryption key from a file or the environment. Knows nothing of what it opens.
import { ConfigError } from '../../core/errors.js';
import { nodeFiles } from '../../core/files.node.js';

const keyBytes = 32;

/**
 * The key that `source` names: `env:NAME` for a variable of the environment, anything else for a file. It is 32 bytes,
 * written in base64 or as 64 hexadecimal digits.
 *
 * @throws {ConfigError} when it is missing or no key; the message never shows it
 */
export async function readKey(source: string): Promise<Uint8Array> {
  const name = /^env:(.+)$/.exec(source)?.[1];
  const text = (name === undefined ? await nodeFiles.readText(source) : process.env[name])?.trim();
  if (text === undefined || text === '')
    throw new ConfigError(`There is no encryption key in ${source}. Make one with: openssl rand -base64 32`);
  const key = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64');
  if (key.length === keyBytes) return new Uint8Array(key);
  throw new ConfigError(
    `The encryption key in ${source} has ${key.length} bytes; expected ${keyBytes}, in base64 or as 64 hexadecimal digits.`,
  );
}
