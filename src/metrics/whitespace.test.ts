import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collapseSpaces, removeSpaces, splitWords, trim, trimEnd } from './whitespace.js';

describe("whitespace in Python's sense", () => {
  it('holds the separators that JavaScript leaves out, and not the byte order mark', () => {
    expect(splitWords('a\x1cb\x1fc\x85d\ufeffe\u3000f')).toEqual(['a', 'b', 'c', 'd\ufeffe', 'f']);
    expect([trimEnd('a \x1f'), trim('\x85 a\ufeff '), removeSpaces(' a\u2028b ')]).toEqual([
      'a',
      'a\ufeff',
      'ab',
    ]);
  });

  it('is at the ends of no word', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '\t', '\x1f', '\u3000', '😀') }), (text) => {
        const words = splitWords(text);
        expect(words.every((word) => word !== '' && trim(word) === word)).toBe(true);
        expect(words.join('')).toBe(removeSpaces(text));
        expect(collapseSpaces(trim(text))).toBe(words.join(' '));
      }),
    );
  });
});
