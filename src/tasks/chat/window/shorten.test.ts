import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shorten } from './shorten.js';

const within =
  (length: number) =>
  (text: string): boolean =>
    text.length <= length;

it('cuts at a word, and says so by an ellipsis', () => {
  expect(shorten('one two three', within(20))).toBe('one two three');
  expect(shorten('one two three', within(10))).toBe('one two …');
  expect(shorten('一二三四五六七八', within(6))).toBe('一二三四 …');
  expect(shorten('one', within(1))).toBeUndefined();
});

it('gives a beginning of the text that fits, whole in its characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, length) => {
      const cut = shorten(text, within(length));
      if (cut === undefined) return text.length > length;
      const isWhole = cut === text || (cut.endsWith(' …') && text.startsWith(cut.slice(0, -2)));
      return isWhole && cut.length <= length && !/\p{Surrogate}/u.test(cut);
    }),
  );
});
