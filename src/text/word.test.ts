import fc from 'fast-check';
import { Tokenizer as HuggingFace } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import { nativeIds, sharedText, trainWordsNatively } from '../../test/support/native-tokenizers.js';
import { AbortedError, ConfigError, DataError, TokenizerError } from '../core/errors.js';
import { tokenizerFromJSON } from './tokenizer-json.js';
import { trainWordTokenizer } from './word-training.js';
import { WordTokenizer } from './word.js';

const corpus = ' the cat saw the dog \n the <unk> saw the 猫 \n naïve cats 😀 ￦ \n';
const part = fc.constantFrom(
  'the',
  'cat',
  ' ',
  '\n',
  '\t',
  '\r\n',
  '\u0085',
  '\ufeff',
  '<unk>',
  '😀',
  '猫',
  'x',
);
const text = fc.array(part).map((parts) => parts.join(''));

describe('a word tokenizer', () => {
  it.each([undefined, '<eos>'])(
    'gives the ids of both Hugging Face libraries, line break %s',
    async (token) => {
      const tokenizer = await trainWordTokenizer([corpus], { endOfLineToken: token });
      const huggingFace = new HuggingFace(tokenizer.toJSON(), { unk_token: '<unk>' });
      await fc.assert(
        fc.asyncProperty(text, async (text) => {
          const ids = [...tokenizer.encode(text)];
          expect(ids).toEqual(await nativeIds(tokenizer.toJSON(), text));
          // The JavaScript library takes \s for white space, which is not Unicode's at two places.
          if (!/[\u0085\ufeff]/.test(text))
            expect(huggingFace.encode(text, { add_special_tokens: false }).ids).toEqual(ids);
        }),
      );
    },
  );

  it('learns the words of the native library in the same order', async () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'é', '猫', '😀', '￦', 'ab'), {
      minLength: 1,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(words, async (words) => {
        const tokenizer = await trainWordTokenizer([words.join(' ')]);
        const learned = Array.from({ length: tokenizer.vocabularySize - 1 }, (_, i) =>
          tokenizer.tokenOf(i + 1),
        );
        expect(learned).toEqual(trainWordsNatively(words.join(' ')));
      }),
      { numRuns: 30 },
    );
  });

  it('has the 10,000 words of the Penn Treebank', async ({ skip }) => {
    const { present, read } = sharedText('ptb/ptb.train.txt.gz');
    skip(!present, '../shared/data/ptb is not there');
    const tokenizer = await trainWordTokenizer([read()], { endOfLineToken: '<eos>' });
    expect(tokenizer.vocabularySize).toBe(10_000);
    // The counts that are published with the data (Zaremba et al. 2014, Mikolov's preprocessing).
    expect(tokenizer.encode(read()).length).toBe(929_589);
    expect(tokenizer.encode(sharedText('ptb/ptb.test.txt.gz').read()).length).toBe(82_430);
  });

  it('puts one space between words and none around line breaks, streamed or not', async () => {
    const tokenizer = await trainWordTokenizer([corpus], { endOfLineToken: '<eos>' });
    const ids = tokenizer.encode('  the\tcat \n\n the  dog\n');
    expect(tokenizer.decode(ids)).toBe('the cat\n\nthe dog\n');
    const decoder = tokenizer.streamDecoder();
    expect(Array.from(ids, (id) => decoder.push(id))).toEqual([
      'the',
      ' cat',
      '\n',
      '\n',
      'the',
      ' dog',
      '\n',
    ]);
  });

  it('keeps the most frequent words, and those that occur often enough', async () => {
    const words = async (options: object): Promise<number> =>
      (await trainWordTokenizer(['a a a b b c'], options)).vocabularySize;
    expect(await words({ vocabularySize: 3 })).toBe(3);
    expect(await words({ minimumFrequency: 2 })).toBe(3);
    expect(await words({ minimumFrequency: 3 })).toBe(2);
    expect(await words({ specialTokens: ['<pad>', '<unk>'] })).toBe(5);
  });

  it('reads back what it writes', async () => {
    for (const options of [{}, { endOfLineToken: '<eos>', specialTokens: ['<pad>'] }]) {
      const tokenizer = await trainWordTokenizer([corpus, '__proto__'], options);
      const again = tokenizerFromJSON(JSON.stringify(tokenizer));
      expect(again).toBeInstanceOf(WordTokenizer);
      expect(again.toJSON()).toEqual(tokenizer.toJSON());
      expect(again.encode(corpus)).toEqual(tokenizer.encode(corpus));
      expect(again.idOf('__proto__')).toBe(tokenizer.idOf('__proto__'));
    }
  });

  it('leaves a file with other normalization to the library', async () => {
    const file = { ...(await trainWordTokenizer([corpus])).toJSON(), normalizer: { type: 'Lowercase' } };
    expect(tokenizerFromJSON(file).kind).toBe('hugging-face');
  });

  it('names the word that it does not know when there is no unknown token', () => {
    const tokenizer = new WordTokenizer({ vocabulary: new Map([['a', 0]]) });
    expect(() => tokenizer.encode('a b')).toThrow(/"b" is not in the vocabulary/);
    expect(() => tokenizer.decode([1])).toThrow(TokenizerError);
    expect(() => new WordTokenizer({ vocabulary: new Map([['a', 0]]), unknownToken: '?' })).toThrow(
      /"\?" is not/,
    );
  });

  it('refuses a text without words, a vocabulary without room, and stops when it is cancelled', async () => {
    await expect(trainWordTokenizer([' \n'])).rejects.toThrow(DataError);
    await expect(trainWordTokenizer(['a'], { vocabularySize: 1 })).rejects.toThrow(ConfigError);
    await expect(trainWordTokenizer(['a'], { specialTokens: ['x', 'x'] })).rejects.toThrow(/stands twice/);
    await expect(trainWordTokenizer(['a'], { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  });
});
