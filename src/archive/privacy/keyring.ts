// AES-256-GCM over texts, with keys that can be replaced. Knows nothing of where keys are kept (store/read-key.ts).
import { ConfigError, StorageError } from '../../core/errors.js';
import type { HashKey } from '../analysis/term-ids.js';
import type { Cipher } from './cipher.js';

/** 32 random bytes each. */
export interface Encryption {
  /** Seals everything written from now on. */
  readonly key: Uint8Array;
  /** Keys from before, which open what is not sealed anew yet. */
  readonly previousKeys?: readonly Uint8Array[];
}

const keyBytes = 32;
const nonceBytes = 12;
const utf8 = new TextEncoder();

/** `~1.<key id>.<nonce and ciphertext in base64>` */
const sealedForm = /^~1\.([0-9a-f]{8})\.([A-Za-z0-9+/=]+)$/;

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** Names a key without giving it away: the first 32 bits of its SHA-256. */
async function idOfKey(key: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', key));
  return [...digest.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

type TextKey = Awaited<ReturnType<typeof crypto.subtle.deriveKey>>;

/** The key given is not used itself: HKDF-SHA-256 gives one for this purpose alone. */
async function textKeyOf(key: Uint8Array<ArrayBuffer>): Promise<TextKey> {
  const material = await crypto.subtle.importKey('raw', key, 'HKDF', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: utf8.encode('mneme archive texts') },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}

/** Seals with the current key, opens with any. */
export interface Keyring {
  readonly keyId: string;
  readonly keyIds: readonly string[];
  readonly seal: Cipher['seal'];
  readonly open: Cipher['open'];
}

/** @throws {ConfigError} when a key has not 32 bytes */
export async function createKeyring({ key, previousKeys = [] }: Encryption): Promise<Keyring> {
  const keys = new Map<string, TextKey>();
  for (const raw of [key, ...previousKeys]) {
    if (raw.length !== keyBytes)
      throw new ConfigError(
        `An encryption key has ${raw.length} bytes; expected ${keyBytes}. Make one with: openssl rand -base64 32`,
      );
    const copy = new Uint8Array(raw);
    keys.set(await idOfKey(copy), await textKeyOf(copy));
  }
  const [current] = keys;
  if (current === undefined) throw new ConfigError('An encryption key is missing.');
  const [keyId, currentKey] = current;
  return {
    keyId,
    keyIds: [...keys.keys()],
    async seal(text, owner) {
      const iv = crypto.getRandomValues(new Uint8Array(nonceBytes));
      const algorithm = { name: 'AES-GCM', iv, additionalData: utf8.encode(owner) };
      const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, currentKey, utf8.encode(text)));
      const joined = new Uint8Array(iv.length + sealed.length);
      joined.set(iv);
      joined.set(sealed, iv.length);
      return `~1.${keyId}.${toBase64(joined)}`;
    },
    async open(sealed, owner) {
      const [, id = '', payload = ''] = sealedForm.exec(sealed) ?? [];
      const opening = keys.get(id);
      if (opening === undefined)
        throw new StorageError(
          id === ''
            ? 'A text of the archive is not sealed although the archive is encrypted. Restore the store from a copy.'
            : `A text of the archive is sealed with key ${id}; the keys given are ${[...keys.keys()].join(', ')}. Give that key among the previous keys.`,
          { fields: { keyId: id } },
        );
      const bytes = fromBase64(payload);
      const iv = bytes.subarray(0, nonceBytes);
      const algorithm = { name: 'AES-GCM', iv, additionalData: utf8.encode(owner) };
      const opened = await crypto.subtle
        .decrypt(algorithm, opening, bytes.subarray(nonceBytes))
        .catch((cause: unknown) => {
          throw new StorageError(
            'A text of the archive was changed, or belongs to someone else: it does not open. Restore the store from a copy.',
            { cause },
          );
        });
      return new TextDecoder().decode(opened);
    },
  };
}

/** A keyring with the secret of the store's index makes a cipher. */
export const cipherOf = ({ keyId, seal, open }: Keyring, hashKey: HashKey): Cipher => ({
  keyId,
  hashKey,
  seal,
  open,
});
