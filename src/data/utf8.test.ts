import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../core/errors.js';
import { decodeUtf8 } from './utf8.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The bytes in chunks of the given sizes, used round and round. */
async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function decodeAll(bytes: Uint8Array, sizes: readonly number[]): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of decodeUtf8(chunksOf(bytes, sizes), 'data.txt')) texts.push(text);
  return texts;
}

const failure = (bytes: Uint8Array, sizes: readonly number[]): Promise<unknown> =>
  decodeAll(bytes, sizes).catch((error: unknown) => error);

/** Text of characters of one to four bytes, U+FFFD among them; without NUL, without a mark at its start. */
const text = fc
  .string({ unit: fc.constantFrom('a', '\n', 'é', '\u07ff', '中', '\ufffd', '\uffff', '😀', '\u{10ffff}') })
  .filter((value) => !value.startsWith('\ufeff'));
const anyCharacter = fc
  .integer({ min: 1, max: 0x10ffff })
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));
const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });

describe('decodeUtf8', () => {
  it('gives the same text wherever the bytes are cut, and no half character', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, fc.string({ unit: anyCharacter })), sizes, async (value, cuts) => {
        const texts = await decodeAll(encode(value), cuts);
        expect(texts.join('')).toBe(value.replace(/^\ufeff/, ''));
        for (const piece of texts) expect(piece).not.toMatch(/\p{Cs}/u);
      }),
    );
  });

  it('counts the bytes read', async () => {
    const read: number[] = [];
    for await (const piece of decodeUtf8(chunksOf(encode('a中b'), [2]), 'x')) read.push(piece.bytesRead);
    expect(read).toEqual([1, 4, 5]);
  });

  it('drops a byte order mark at the start and keeps one inside', async () => {
    expect((await decodeAll(encode('\ufeffa\ufeffb'), [1])).join('')).toBe('a\ufeffb');
  });

  it('says at which byte the data stops being UTF-8', async () => {
    const bad = [
      [0xff],
      [0x80],
      [0xc0, 0x80],
      [0xe4, 0xb8, 0x20],
      [0xed, 0xa0, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
    ];
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom(...bad), text, sizes, async (before, wrong, after, cuts) => {
        const error = await failure(Uint8Array.of(...encode(before), ...wrong, ...encode(after)), cuts);
        expect(error).toBeInstanceOf(DataError);
        expect(error).toMatchObject({ fields: { path: 'data.txt', byteOffset: encode(before).length } });
      }),
    );
  });

  it('says where the first NUL byte of a binary file is', async () => {
    expect(await failure(Uint8Array.of(0x50, 0x4b, 0x03, 0x00, 0x41), [2])).toMatchObject({
      message: expect.stringContaining('"data.txt" is not text: at byte 3 it holds a NUL byte'),
      fields: { byteOffset: 3 },
    });
  });

  it('refuses a text whose last character is cut off', async () => {
    expect(await failure(encode('ab中').subarray(0, 4), [3])).toMatchObject({
      message: expect.stringContaining('at byte 2 a character is cut off at the end'),
      fields: { byteOffset: 2 },
    });
  });
});
