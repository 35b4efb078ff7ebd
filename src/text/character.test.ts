import fc from 'fast-check';
import { Tokenizer as HuggingFace } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import { nativeIds, sharedText } from '../../test/support/native-tokenizers.js';
import { AbortedError, DataError, TokenizerError } from '../core/errors.js';
import { CharacterTokenizer, trainCharacterTokenizer } from './character.js';

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

describe('a character tokenizer', () => {
  it('takes every code point of the training text, in order', async () => {
    const tokenizer = await trainCharacterTokenizer(['zab\n', '😀a你']);
    expect(tokenizer.vocabularySize).toBe(6);
    expect(['\n', 'a', 'b', 'z', '你', '😀'].map((c) => tokenizer.idOf(c))).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...tokenizer.encode('a😀')]).toEqual([1, 5]);
  });

  it('gives back any text that it was trained on', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const tokenizer = await trainCharacterTokenizer([text, 'x']);
        expect(tokenizer.lossless).toBe(true);
        const ids = tokenizer.encode(text);
        expect(ids.length).toBe([...text].length);
        expect(tokenizer.decode(ids)).toBe(text);
        const decoder = tokenizer.streamDecoder();
        expect(Array.from(ids, (id) => decoder.push(id)).join('') + decoder.end()).toBe(text);
      }),
    );
  });

  it('gives the ids of both Hugging Face libraries, special and unknown tokens included', async () => {
    const training = ['Hello, 世界! 😀\n\t"quoted"'];
    const options = { specialTokens: ['<|end|>', '<|end|><|end|>'], unknownToken: '<unk>' };
    const tokenizer = await trainCharacterTokenizer(training, options);
    const huggingFace = new HuggingFace(tokenizer.toJSON(), {});
    const part = fc.constantFrom('<|end|>', '<unk>', '<', '世', '😀', 'x', '界x', '🌍🌍', '\n', ' ', 'Hello');
    await fc.assert(
      fc.asyncProperty(fc.array(part), async (parts) => {
        const text = parts.join('');
        const ids = [...tokenizer.encode(text)];
        expect(huggingFace.encode(text, { add_special_tokens: false }).ids).toEqual(ids);
        expect(await nativeIds(tokenizer.toJSON(), text)).toEqual(ids);
      }),
    );
  });

  it.for([sharedText('tinyshakespeare/input.txt'), sharedText('zh_text_fortunes/tang300.txt.gz')])(
    'gives the ids of the native library for $name',
    async ({ present, read, name }, { skip }) => {
      skip(!present, `../shared/data/${name} is not there`);
      const text = read();
      const tokenizer = await trainCharacterTokenizer([text]);
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      const start = text.slice(0, 200_000);
      expect([...tokenizer.encode(start)]).toEqual(await nativeIds(tokenizer.toJSON(), start));
    },
  );

  it('names the character that it does not know, and its position', async () => {
    const tokenizer = await trainCharacterTokenizer(['abc <end>'], { specialTokens: ['<end>'] });
    expect(() => tokenizer.encode('ab<end>c😀')).toThrow(
      /"😀" \(U\+1F600\) at position 8 is not in the vocabulary/,
    );
    expect(() => tokenizer.encode('a\ud800')).toThrow(/U\+FFFD\) at position 1/);
  });

  it('replaces what it does not know by the unknown token', async () => {
    const tokenizer = await trainCharacterTokenizer(['abc'], { unknownToken: '?!' });
    expect(tokenizer.lossless).toBe(false);
    expect(tokenizer.decode(tokenizer.encode('a😀b'))).toBe('a?!b');
    expect([...tokenizer.specialTokens.keys()]).toEqual(['?!']);
  });

  it('refuses ids outside the vocabulary', async () => {
    const tokenizer = await trainCharacterTokenizer(['abc']);
    expect(() => tokenizer.decode([0, 3])).toThrow(TokenizerError);
    expect(() => tokenizer.streamDecoder().push(-1)).toThrow(/no token with the id -1/);
  });

  it('refuses to train on nothing, and stops when it is cancelled', async () => {
    await expect(trainCharacterTokenizer([''])).rejects.toThrow(DataError);
    await expect(trainCharacterTokenizer(['a'], { signal: AbortSignal.abort() })).rejects.toThrow(
      AbortedError,
    );
  });

  it('refuses an unknown token without an id', () => {
    const options = { vocabulary: new Map([['a', 0]]), unknownToken: '<unk>' };
    expect(() => new CharacterTokenizer(options)).toThrow(/"<unk>" is not in the vocabulary/);
  });
});
