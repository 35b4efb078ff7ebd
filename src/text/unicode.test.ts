import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Length, wellFormed } from './unicode.js';

/** Any sequence of UTF-16 units, with many surrogates, paired and lone. */
const units = fc
  .array(fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd7ff, max: 0xe000 })))
  .map((codes) => String.fromCharCode(...codes));

describe('well-formed text', () => {
  it('is what UTF-8 makes of a text', () => {
    fc.assert(
      fc.property(units, (text) => {
        const bytes = new TextEncoder().encode(text);
        expect(wellFormed(text)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
        expect(utf8Length(wellFormed(text), 0, wellFormed(text).length)).toBe(bytes.length);
      }),
      { examples: [['\uD83D'], ['a\uDE00\uD83Db'], ['\uD83D\uDE00'], ['\uFEFFtext']] },
    );
  });
});
