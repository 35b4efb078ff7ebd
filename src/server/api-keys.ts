// API keys: made once, kept as hashes, each of a tenant. Knows nothing of requests.
import { z } from 'zod';
import { parseConfig } from '../core/parse-config.js';

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/, 'Expected 64 hexadecimal digits');

const recordSchema = z.strictObject({
  tenant: z.string().min(1),
  /** SHA-256 of the key. Keys are 256 random bits, so that nothing slower is needed. */
  sha256: hashSchema,
  /** ISO 8601. */
  createdAt: z.string(),
});

const fileSchema = z.strictObject({ keys: z.array(recordSchema) });

/** A key as it is kept. */
export type ApiKeyRecord = z.output<typeof recordSchema>;

/** Begins every key, so that one that leaks is recognised. */
const prefix = 'mneme_';
const keyBytes = 32;

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

/** A new key, to be shown once, and what is kept of it. */
export async function createApiKey(
  tenant: string,
  now: Date,
): Promise<{ readonly key: string; readonly record: ApiKeyRecord }> {
  const random = crypto.getRandomValues(new Uint8Array(keyBytes));
  const key =
    prefix + btoa(String.fromCharCode(...random)).replace(/[+/=]/g, (c) => ({ '+': '-', '/': '_' })[c] ?? '');
  return { key, record: { tenant, sha256: toHex(await sha256(key)), createdAt: now.toISOString() } };
}

const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** @throws {ConfigError} when the text is no list of keys */
export function readApiKeys(json: string, path: string): readonly ApiKeyRecord[] {
  return parseConfig(fileSchema, parsedOrText(json), `Keys in "${path}"`).keys;
}

/** What is no JSON at all is given to the schema as it is, which says so. */
function parsedOrText(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

export const writeApiKeys = (keys: readonly ApiKeyRecord[]): string =>
  `${JSON.stringify({ keys }, undefined, 2)}\n`;

/** Compares in a time that does not depend on where the two differ. Lengths are equal. */
function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Whose a key is. */
export interface KeyOwner {
  readonly tenant: string;
  /** Names the key without telling it. */
  readonly keyId: string;
}

/** The keys of a server. */
export class ApiKeys {
  readonly #records: readonly { readonly owner: KeyOwner; readonly hash: Uint8Array }[];

  constructor(records: readonly ApiKeyRecord[]) {
    this.#records = records.map(({ tenant, sha256 }) => ({
      owner: { tenant, keyId: sha256.slice(0, 12) },
      hash: fromHex(sha256),
    }));
  }

  /** Each once. */
  get tenants(): readonly string[] {
    return [...new Set(this.#records.map(({ owner }) => owner.tenant))];
  }

  /** Looks at every key, whichever fits, so that time tells nothing. */
  async ownerOf(key: string): Promise<KeyOwner | undefined> {
    const hash = await sha256(key);
    let found: KeyOwner | undefined;
    for (const record of this.#records) if (equalInConstantTime(record.hash, hash)) found = record.owner;
    return found;
  }
}
