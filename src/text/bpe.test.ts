import fc from 'fast-check';
import { Tokenizer as HuggingFace } from '@huggingface/tokenizers';
import { beforeAll, describe, expect, it } from 'vitest';
import { linesOf, nativeIds, sharedText } from '../../test/support/native-tokenizers.js';
import { TokenizerError } from '../core/errors.js';
import { trainBpe } from './bpe-training.js';
import { ByteLevelBpeTokenizer } from './bpe.js';
import { byteCharacters } from './byte-level.js';
import type { Tokenizer } from './tokenizer.js';

const corpus = `The quick brown fox jumps over the lazy dog; the dog doesn't mind. It's 1984, isn't it?
床前明月光，疑是地上霜。举头望明月，低头思故乡。明月几时有，把酒问青天。
naïve café über 😀😀 👩‍👩‍👧 🌍 \t tabs  and   spaces\r\n\r\n    return x_1 + y_2;\n`.repeat(3);

/** Any text: all planes of Unicode, much white space, special tokens. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('<|endoftext|>', '<|end', '月光', '😀', ' the', '\n\n', '\u0085', '\ufeff', '  '),
    ),
  )
  .map((parts) => parts.join(''));

describe('a byte-level BPE tokenizer', () => {
  let tokenizer: Tokenizer;
  let huggingFace: HuggingFace;
  beforeAll(async () => {
    const specialTokens = ['<|endoftext|>', '<|endoftext|>!', '<pad>'];
    tokenizer = await trainBpe(linesOf(corpus), { vocabularySize: 430, specialTokens });
    huggingFace = new HuggingFace(tokenizer.toJSON(), {});
  });

  it('gives back any text', () => {
    expect(tokenizer.lossless).toBe(true);
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
      { numRuns: 500, examples: [[''], ['\ufefftext'], ['\u0000'], [corpus]] },
    );
  });

  it('gives lone surrogates back as U+FFFD', () => {
    expect(tokenizer.decode(tokenizer.encode('a\ud83d b\ude00'))).toBe('a\ufffd b\ufffd');
  });

  it('gives the ids of both Hugging Face libraries', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const ids = [...tokenizer.encode(text)];
        expect(huggingFace.encode(text, { add_special_tokens: false }).ids).toEqual(ids);
        expect(await nativeIds(tokenizer.toJSON(), text)).toEqual(ids);
      }),
      { numRuns: 150, examples: [[corpus]] },
    );
  });

  it.for([sharedText('tinyshakespeare/input.txt'), sharedText('zh_text_fortunes/tang300.txt.gz')])(
    'gives the ids of the native library for $name',
    async ({ present, read, name }, { skip }) => {
      skip(!present, `../shared/data/${name} is not there`);
      const text = read().slice(0, 300_000);
      expect([...tokenizer.encode(text)]).toEqual(await nativeIds(tokenizer.toJSON(), text));
    },
  );

  it('keeps special tokens whole, the longest that fits', () => {
    const ids = tokenizer.encode('<|endoftext|>dog<|endoftext|>!<pad');
    expect(ids[0]).toBe(tokenizer.specialTokens.get('<|endoftext|>'));
    expect(ids).toContain(tokenizer.specialTokens.get('<|endoftext|>!'));
    expect(ids).not.toContain(tokenizer.specialTokens.get('<pad>'));
  });

  it('streams the same text, and never half a character', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const decoder = tokenizer.streamDecoder();
        const pieces = Array.from(tokenizer.encode(text), (id) => decoder.push(id));
        for (const piece of pieces) expect(piece).not.toMatch(/\p{Surrogate}/u);
        if (!text.includes('\ufffd')) expect(pieces.join('')).not.toContain('\ufffd');
        expect(pieces.join('') + decoder.end()).toBe(text);
      }),
    );
  });

  it('streams any ids as decoding them at once does, broken characters included', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(tokenizer.vocabularySize - 1)), (ids) => {
        const decoder = tokenizer.streamDecoder();
        const streamed = ids.map((id) => decoder.push(id)).join('') + decoder.end();
        expect(streamed).toBe(tokenizer.decode(ids));
      }),
      { numRuns: 500 },
    );
  });

  it('emits an incomplete character only at the end', () => {
    const [first, second] = [...new TextEncoder().encode('é')].map((byte) => byteCharacters[byte] ?? '');
    const decoder = tokenizer.streamDecoder();
    expect(decoder.push(tokenizer.idOf(first ?? '') ?? -1)).toBe('');
    expect(decoder.push(tokenizer.idOf(second ?? '') ?? -1)).toBe('é');
    expect(decoder.push(tokenizer.idOf(first ?? '') ?? -1)).toBe('');
    expect(decoder.end()).toBe('\ufffd');
  });

  it('encodes a word of a million bytes without a space as the native library does', async () => {
    const letters = Array.from({ length: 1_000_000 }, (_, i) => 'thequickbrown'[(i * i * 7 + (i >> 5)) % 13]);
    const word = letters.join('');
    expect([...tokenizer.encode(word)]).toEqual(await nativeIds(tokenizer.toJSON(), word));
  });

  it('gives the same ids after its memory of words has overflown', () => {
    const before = tokenizer.encode(' the quick w17');
    tokenizer.encode(Array.from({ length: 70_000 }, (_, i) => ` w${i}`).join(''));
    expect(tokenizer.encode(' the quick w17')).toEqual(before);
  });

  it.each([-1, 430, 1.5, Number.NaN])('refuses the id %d', (id) => {
    expect(() => tokenizer.decode([5, id])).toThrow(TokenizerError);
    expect(() => tokenizer.streamDecoder().push(id)).toThrow(/430 ids, from 0 to 429/);
    expect(tokenizer.tokenOf(id)).toBeUndefined();
  });

  it('says which byte the vocabulary lacks', () => {
    const small = new ByteLevelBpeTokenizer({ vocabulary: new Map([['a', 0]]), merges: [] });
    expect(small.lossless).toBe(false);
    expect(() => small.encode('aab')).toThrow(/byte 0x62 of "aab" is not in the vocabulary/);
  });
});
