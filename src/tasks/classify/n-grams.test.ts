import { describe, expect, it } from 'vitest';
import { logCountRatios } from './naive-bayes.js';
import { nGramsOf, NGramTable } from './n-grams.js';

describe('n-grams', () => {
  it('are of words and of letters in words with their ends', () => {
    const found = nGramsOf('Bad food!');
    expect([...found].filter((nGram) => !nGram.startsWith('#'))).toEqual([
      'bad',
      'bad food',
      'bad food !',
      'food',
      'food !',
      '!',
    ]);
    expect([...found].filter((nGram) => nGram.startsWith('#') && nGram.includes('a')).sort()).toEqual([
      '#<ba',
      '#<bad',
      '#<bad>',
      '#ad>',
      '#bad',
      '#bad>',
    ]);
  });

  it('take every Chinese character as a word, beside Latin words', () => {
    expect(nGramsOf('房间wifi好')).toEqual(
      new Set([
        ...'房 间'.split(' '),
        '房 间',
        '房 间 wifi',
        '间 wifi',
        '间 wifi 好',
        'wifi',
        'wifi 好',
        '好',
        ...letters('wifi'),
      ]),
    );
  });

  it('are pairs of words with others between, up to seven, and neither of signs nor of Chinese characters', () => {
    const pairsOf = (text: string): string[] => [...nGramsOf(text)].filter((nGram) => /\S~\S/.test(nGram));
    expect(pairsOf('loss , then narrowed by 3 %')).toEqual(['loss~narrowed', 'loss~by', 'then~by']);
    expect(pairsOf('a b c d e f g h i j').filter((pair) => pair.startsWith('a'))).toEqual(
      ['c', 'd', 'e', 'f', 'g', 'h', 'i'].map((other) => `a~${other}`),
    );
    expect(pairsOf('房间很 ok 好 yes ~ maybe')).toEqual(['ok~maybe']);
  });

  it('do not tell digits, case or width apart', () => {
    expect(nGramsOf('ＥＵＲ 13.5')).toEqual(nGramsOf('eur 27.4'));
  });

  it('are numbered by how many texts have them', () => {
    const table = NGramTable.of(['好 好', '好 坏', '坏 一'], { count: 2, minimum: 2 });
    expect(table.nGrams).toEqual(['坏', '好']);
    expect([...table.numbersOf('好 新 坏')]).toEqual([1, 2]);
  });
});

function letters(word: string): string[] {
  const marked = `<${word}>`;
  return [3, 4, 5].flatMap((n) =>
    Array.from({ length: marked.length - n + 1 }, (_, i) => `#${marked.slice(i, i + n)}`),
  );
}

it('naive Bayes weighs n-grams by the logarithm of smoothed shares, as computed by hand', () => {
  const features = [[1], [1], [1, 2], [2]].map((numbers) => Int32Array.from(numbers));
  const ratios = logCountRatios(features, [0, 0, 1, 1], { count: 2, classes: 2 });
  // Class 0: two texts, both with n-gram 1, none with 2. Class 1: two texts, one with n-gram 1, both with 2.
  const [a, b] = [Math.log(3 / 4) - Math.log(2 / 4), Math.log(1 / 4) - Math.log(3 / 4)];
  [0, 0, a / 2, -a / 2, b / 2, -b / 2].forEach((expected, i) => expect(ratios[i]).toBeCloseTo(expected, 6));
});
