import { expect, test } from 'vitest';
import { TermIds, hash128, hash64, openKey } from './term-ids.js';

/** Bytes 00 01 .. 0f as little-endian words: the key of the reference implementation's vectors. */
const referenceKey = Uint32Array.of(0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c);

/** Bytes 00 01 02 ... */
const message = (length: number): string => String.fromCodePoint(...Array.from({ length }, (_, i) => i));

test('hashes equal the vectors of the reference implementation', () => {
  // vectors_sip64[0], [1], [2] of github.com/veorq/SipHash read as little-endian numbers.

  const expected = [0x726fdb47dd0e0e31n, 0x74f839c593dc67fdn, 0x0d6c8009d9a94f5an];
  expect(
    [0, 1, 2].map((length) => BigInt.asUintN(64, BigInt(hash64(referenceKey, message(length))))),
  ).toEqual(expected);
});

test('another key gives other ids', () => {
  expect(hash64(referenceKey, 'tea')).not.toBe(hash64(openKey, 'tea'));
  expect(new TermIds(referenceKey).idOf('tea')).toBe(hash64(referenceKey, 'tea'));
});

test('a 128-bit hash is written as a uuid', () => {
  expect(hash128(openKey, 'tea')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(hash128(openKey, 'tea')).not.toBe(hash128(openKey, 'tee'));
});
