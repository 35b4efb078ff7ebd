import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inScriptOf, simplified } from './simplified.js';

test.each([
  ['我喜歡臺灣的烏龍茶', '我喜欢台湾的乌龙茶'],
  ['上週禮拜三後天', '上周礼拜三后天'],
  ['已經是简体字', '已经是简体字'],
  ['no Chinese, no change: 123', 'no Chinese, no change: 123'],
])('%s', (written, expected) => {
  expect(simplified(written)).toBe(expected);
});

test('places stay, and what is simplified once is simplified', () => {
  const character = fc.oneof(
    fc.constantFrom(...'臺灣發髮裡里乾幹𠮷'),
    fc.string({ unit: 'grapheme', maxLength: 1 }),
  );
  fc.assert(
    fc.property(fc.array(character), (characters) => {
      const text = characters.join('');
      expect(simplified(text)).toHaveLength(text.length);
      expect(simplified(simplified(text))).toBe(simplified(text));
    }),
  );
});

test('words are written as the text has them, and otherwise in its script', () => {
  expect(inScriptOf('我住在臺北，喜歡爵士樂')('小明住在台北，不再喜欢爵士乐')).toBe(
    '小明住在臺北，不再喜歡爵士樂',
  );
  expect(inScriptOf('我喜欢乌龙茶')('小明不再喜欢乌龙茶')).toBe('小明不再喜欢乌龙茶');
});
