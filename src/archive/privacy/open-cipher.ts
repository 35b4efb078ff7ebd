// Fits keys to a store: who may open it, and with which secret its index was made. Knows nothing of items.
import { ConfigError } from '../../core/errors.js';
import type { HashKey } from '../analysis/term-ids.js';
import type { Queryable } from '../database.js';
import type { Cipher } from './cipher.js';
import { noCipher } from './cipher.js';
import type { Encryption, Keyring } from './keyring.js';
import { cipherOf, createKeyring } from './keyring.js';

/** The secret of the index, sealed: it stays the same when keys change, or the index would have to be made anew. */
interface Stored {
  readonly keyId: string;
  readonly indexSecret: string;
}

const owner = 'index secret';

async function readStored(database: Queryable): Promise<Stored | undefined> {
  const rows = await database.query<{ value: Stored }>(
    `SELECT value FROM settings WHERE name = 'encryption'`,
  );
  return rows[0]?.value;
}

/** Seals the secret with the keyring's current key. */
export async function storeSecret(
  database: Queryable,
  keyring: Pick<Keyring, 'seal'> & { readonly keyId: string | undefined },
  hashKey: HashKey,
): Promise<void> {
  const value = { keyId: keyring.keyId, indexSecret: await keyring.seal([...hashKey].join(','), owner) };
  await database.query(
    `INSERT INTO settings (name, value) VALUES ('encryption', $1::jsonb) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value`,
    [JSON.stringify(value)],
  );
}

async function isEmpty(database: Queryable): Promise<boolean> {
  return (await database.query('SELECT 1 FROM scopes LIMIT 1')).length === 0;
}

/**
 * The cipher of a store: none for one that was never encrypted.
 *
 * @throws {ConfigError} when keys are missing, wrong, or given for a store that holds plain texts
 */
export async function openCipher(database: Queryable, encryption: Encryption | undefined): Promise<Cipher> {
  const stored = await readStored(database);
  if (encryption === undefined) {
    if (stored === undefined) return noCipher;
    throw new ConfigError(`The archive is encrypted with key ${stored.keyId}. Open it with that key.`, {
      fields: { keyId: stored.keyId },
    });
  }
  const keyring = await createKeyring(encryption);
  if (stored === undefined) {
    if (!(await isEmpty(database)))
      throw new ConfigError(
        'The archive holds plain texts and cannot be encrypted as it is. Export it and import the export into a new, encrypted one.',
      );
    const hashKey = crypto.getRandomValues(new Uint32Array(4));
    await storeSecret(database, keyring, hashKey);
    return cipherOf(keyring, hashKey);
  }
  if (!keyring.keyIds.includes(stored.keyId))
    throw new ConfigError(
      `The archive is encrypted with key ${stored.keyId}; the keys given are ${keyring.keyIds.join(', ')}. Give that key, or give it among the previous keys.`,
      { fields: { keyId: stored.keyId } },
    );
  const secret = await keyring.open(stored.indexSecret, owner);
  return cipherOf(keyring, Uint32Array.from(secret.split(','), Number));
}
