import { expect, test } from 'vitest';
import { RecalledTexts } from './echo.js';

const textOf = (n: number): string => `note number ${n} tells of house ${n} and of garden ${n}`;

test('a text that repeats what was recalled is known by the item it repeats, until that is forgotten', () => {
  const recalled = new RecalledTexts();
  for (let n = 0; n < 5; n++) recalled.note(1, n, textOf(n));
  expect([recalled.sourceOf(1, textOf(3)), recalled.sourceOf(2, textOf(3))]).toEqual([3, undefined]);
  recalled.forget(1, 3);
  expect(recalled.sourceOf(1, textOf(3))).not.toBe(3);
  recalled.forget(1);
  expect([recalled.sourceOf(1, textOf(4)), recalled.characters]).toEqual([undefined, 0]);
});

test('however many users ask, what is held stays within its bound, and is what was asked last', () => {
  const recalled = new RecalledTexts(5000);
  for (let scope = 0; scope < 300; scope++)
    for (let n = 0; n < 10; n++) {
      recalled.note(scope, n, textOf(n));
      expect(recalled.characters).toBeLessThanOrEqual(5000);
    }
  expect([recalled.sourceOf(299, textOf(7)), recalled.sourceOf(0, textOf(7))]).toEqual([7, undefined]);
});
