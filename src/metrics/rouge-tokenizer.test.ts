import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rougeTokenizer, segmentWords } from './rouge-tokenizer.js';

describe('the tokenizers of ROUGE', () => {
  it.each([
    ['english', "The dog's 3.5 naïve 猫", ['the', 'dog', 's', '3', '5', 'na', 've']],
    [
      'characters',
      'Größe 42：我们吃テスト、GPT-4。',
      ['größe', '42', '我', '们', '吃', 'テ', 'ス', 'ト', 'gpt', '4'],
    ],
  ] as const)('%s splits %j', (tokenize, text, expected) => {
    expect(rougeTokenizer({ tokenize })(text)).toEqual(expected);
  });

  it('stem English words of more than three letters, and nothing else', () => {
    const tokenize = rougeTokenizer({ tokenize: 'characters', stemmer: true });
    expect(tokenize('The was dogs running 猫 Straßes')).toEqual([
      'the',
      'was',
      'dog',
      'run',
      '猫',
      'straßes',
    ]);
  });

  it('find Chinese words by the dictionary of the platform, without punctuation', () => {
    const words = rougeTokenizer({ tokenize: 'words' })('今天我们去北京，Hello World！');
    expect(words).toEqual(['今天', '我们', '去', '北京', 'hello', 'world']);
  });

  it('lose nothing of a text, however long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(segmentWords(text).join('')).toBe(text);
      }),
    );
    const long = '今天我们去北京'.repeat(2000);
    expect(segmentWords(long).join('')).toBe(long);
    expect(segmentWords(`${'好'.repeat(3999)}，北京`).slice(-2)).toEqual(['，', '北京']);
  });
});
