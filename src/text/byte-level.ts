// The byte-level alphabet: every byte as one printable character. Knows nothing of merges.

/** Bytes that are printable as Latin-1 characters and stand for themselves. */
function isPrintable(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
}

/**
 * The character that stands for each byte: printable bytes for themselves, the other 68 for U+0100, U+0101, ...
 * in order, so that a space is `Ġ` and a line break `Ċ`. Source: GPT-2 (Radford et al. 2019), `bytes_to_unicode`.
 */
export const byteCharacters: readonly string[] = (() => {
  let unprintable = 0;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(isPrintable(byte) ? byte : 0x100 + unprintable++),
  );
})();

const byteOfCharacter: ReadonlyMap<string, number> = new Map(byteCharacters.map((c, byte) => [c, byte]));

/** Bytes written in the byte-level alphabet. */
export function spellBytes(bytes: Uint8Array): string {
  let token = '';
  for (const byte of bytes) token += byteCharacters[byte];
  return token;
}

/** The bytes that a token of the byte-level alphabet stands for, or `undefined` when it has a character outside of it. */
export function bytesOfSpelling(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = byteOfCharacter.get(token.charAt(i));
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
