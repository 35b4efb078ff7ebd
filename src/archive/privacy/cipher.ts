// Seals texts before they are stored. Knows nothing of where keys come from (keyring.ts).
import type { HashKey } from '../analysis/term-ids.js';
import { openKey } from '../analysis/term-ids.js';

/** Turns texts into what is stored and back. `owner` is bound in: text moved to another tenant does not open. */
export interface Cipher {
  /** Names the key that seals; `undefined` where texts stay as they are. */
  readonly keyId: string | undefined;
  /** Key of the hashes that stand for terms and names in the index. */
  readonly hashKey: HashKey;
  seal(text: string, owner: string): Promise<string>;
  /** @throws {StorageError} when the key does not fit or the text was changed */
  open(sealed: string, owner: string): Promise<string>;
}

/** Stores texts as they are. */
export const noCipher: Cipher = {
  keyId: undefined,
  hashKey: openKey,
  seal: async (text) => text,
  open: async (sealed) => sealed,
};
