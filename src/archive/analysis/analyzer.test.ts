import { describe, expect, test } from 'vitest';
import { Analyzer } from './analyzer.js';

const analyzer = new Analyzer();
const termsOf = (text: string): string[] => [...analyzer.analyze(text).terms.keys()];

describe('English', () => {
  test('different forms of a word give one term', () => {
    for (const [a, b] of [
      ['painting', 'painted'],
      ['Children', 'kid'],
      ['went', 'going'],
      ['lies', 'lie'],
      ['café', 'cafe'],
      ["Caroline's", 'Caroline'],
      ['ﬁsh', 'fish'],
    ] as const)
      expect(termsOf(a)).toEqual(termsOf(b));
  });

  test('function words and contractions of them leave nothing', () => {
    expect(termsOf("I don't, you're and it's what they'd have been")).toEqual([]);
  });

  test('a word keeps its count and the text its length', () => {
    const { terms, length } = analyzer.analyze('Tea, tea and more tea; coffee.');
    expect([...terms]).toEqual([
      ['tea', 3],
      ['coffe', 1],
    ]);
    expect(length).toBe(4);
  });

  test('numbers stay whole', () => {
    expect(termsOf('1,000 dollars at 10:30, 3.14')).toEqual(['1000', 'dollar', '10:30', '3.14']);
  });
});

describe('Chinese and other scripts without spaces', () => {
  test('a verb of place is found with and without what follows it, and without its pronoun', () => {
    expect(termsOf('我住在里昂')).toEqual(['住', '里昂']);
    expect(termsOf('你知道我住哪儿吗')).toContain('住');
    expect(termsOf('搬到')).toEqual(['搬']);
  });

  test('Chinese is cut into words and their parts', () => {
    expect(termsOf('我毕业于中国科学院')).toEqual(
      expect.arrayContaining(['毕业', '中国', '科学院', '中国科学院']),
    );
  });

  test('a question finds the words of the statement', () => {
    expect(termsOf('他在哪里毕业的？')).toEqual(['毕业']);
  });

  test('mixed text gives the terms of both', () => {
    expect(termsOf('我用TypeScript写代码')).toEqual(expect.arrayContaining(['typescript', '代码']));
  });

  test('kana gives pairs of characters', () => {
    expect(termsOf('ひらがな')).toEqual(['ひら', 'らが', 'がな']);
  });
});

test('no text breaks it', () => {
  for (const text of ['', ' \n\t', '🙂🙃', '\u200b', 'a'.repeat(100_000), "'''", '…', '\u0301\u0301'])
    expect(() => analyzer.analyze(text)).not.toThrow();
});
