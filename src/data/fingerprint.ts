// A short name for a tokenizer, the same for the same ids. Knows nothing of how tokenizers work.
import type { Tokenizer } from '../text/tokenizer.js';

/** The first 48 hexadecimal digits of the SHA-256 of the tokenizer's `tokenizer.json`. */
export async function tokenizerFingerprint(tokenizer: Tokenizer): Promise<string> {
  const json = new TextEncoder().encode(JSON.stringify(tokenizer.toJSON()));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', json));
  return hexOf(digest.subarray(0, 24));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function bytesOfHex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
