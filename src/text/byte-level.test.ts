import fc from 'fast-check';
import { byteLevelAlphabet, byteLevelPreTokenizer } from 'tokenizers';
import { describe, expect, it } from 'vitest';
import { byteCharacters, bytesOfSpelling, spellBytes } from './byte-level.js';

describe('the byte-level alphabet', () => {
  it('is that of the native library', () => {
    expect([...byteCharacters].sort()).toEqual(byteLevelAlphabet().sort());
    const spelled = byteLevelPreTokenizer(false, false).preTokenizeString('a é\n你😀\u0000\u00ad');
    expect(spellBytes(new TextEncoder().encode('a é\n你😀\u0000\u00ad'))).toBe(spelled[0]?.[0]);
  });

  it('spells any bytes and reads them back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(bytesOfSpelling(spellBytes(bytes))).toEqual(bytes);
      }),
    );
  });

  it('does not read what it cannot have written', () => {
    expect(bytesOfSpelling('<|a b|>')).toBeUndefined();
  });
});
