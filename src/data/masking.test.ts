import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../core/random.js';
import { encodeWithOffsets, trainBpe, trainCharacterTokenizer, trainWordPiece } from '../text/index.js';
import {
  maskingOf,
  type MaskingOptions,
  maskTokens,
  wordsOfIds,
  wordsOfText,
  wordsOfTokens,
} from './masking.js';

const special = new Set([0, 1, 2, 3, 4]);
const options: MaskingOptions = { maskId: 4, vocabularySize: 100, special };
const row = fc.array(fc.nat(99), { maxLength: 80 });

describe('masking', () => {
  it('hides the wanted number of tokens, none of them special, and remembers them', () => {
    fc.assert(
      fc.property(row, fc.nat(), fc.double({ min: 0.05, max: 0.9, noNaN: true }), (ids, seed, fraction) => {
        const { inputs, targets } = maskTokens(ids, { ...options, fraction }, Random.fromSeed(seed));
        const plain = ids.filter((id) => !special.has(id)).length;
        const chosen = targets.filter((id) => id !== -1).length;
        expect(chosen).toBe(plain === 0 ? 0 : Math.max(1, Math.round(plain * fraction)));
        ids.forEach((id, place) => {
          if (targets[place] === -1) expect(inputs[place]).toBe(id);
          else expect([targets[place], special.has(id)]).toEqual([id, false]);
          if (inputs[place] !== id && inputs[place] !== 4)
            expect(special.has(inputs[place] ?? 0)).toBe(false);
        });
      }),
    );
  });

  it('puts the mask for 80 %, another token for 10 % and nothing for 10 % of what it hides', () => {
    const ids = Int32Array.from({ length: 40_000 }, () => 50);
    const { inputs, targets } = maskTokens(ids, { ...options, fraction: 0.5 }, Random.fromSeed(1));
    const hidden = [...targets.keys()].filter((place) => targets[place] !== -1);
    const share = (test: (id: number) => boolean): number =>
      hidden.filter((place) => test(inputs[place] ?? 0)).length / hidden.length;
    // Four standard deviations of a share of 20,000 draws.
    const within = (p: number): number => 4 * Math.sqrt((p * (1 - p)) / hidden.length);
    expect(Math.abs(share((id) => id === 4) - 0.8)).toBeLessThan(within(0.8));
    expect(Math.abs(share((id) => id !== 4 && id !== 50) - (0.1 * 94) / 95)).toBeLessThan(within(0.1));
  });

  it('is the same for the same stream and another one the next time', () => {
    const ids = Array.from({ length: 60 }, (_, i) => i + 10);
    const random = Random.fromSeed(7);
    const first = maskTokens(ids, options, random.split(0));
    expect(maskTokens(ids, options, random.split(0))).toEqual(first);
    expect(maskTokens(ids, options, random.split(1))).not.toEqual(first);
  });

  it('hides whole words', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 30 }),
        fc.nat(),
        (sizes, seed) => {
          const words = sizes.flatMap((size, word) => Array.from({ length: size }, () => word));
          const { targets } = maskTokens(
            words.map(() => 9),
            options,
            Random.fromSeed(seed),
            words,
          );
          const hidden = new Set(words.filter((_, place) => targets[place] !== -1));
          expect(words.every((word, place) => hidden.has(word) === (targets[place] !== -1))).toBe(true);
          const wanted = Math.max(1, Math.round(words.length * 0.15));
          const chosen = targets.filter((id) => id !== -1).length;
          expect(chosen).toBeLessThanOrEqual(Math.max(wanted, 4));
          expect(chosen).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('knows words by the spelling of their tokens', async () => {
    const text = 'low lower lowest [SEP] lowers';
    const pieces = await trainWordPiece(['low low low'], { vocabularySize: 11 });
    const wide = await trainWordPiece(['lower lowest s r e t w o l'], { vocabularySize: 24 });
    for (const tokenizer of [pieces, wide]) {
      const { ids, spans } = encodeWithOffsets(tokenizer, text);
      const starts = [...text.matchAll(/\S+/g)].map(({ index }) => index);
      const expected = spans.map(({ start }) => starts.findLastIndex((at) => at <= start));
      expect([...wordsOfTokens(ids, tokenizer)]).toEqual(expected);
    }
    const bpe = await trainBpe(['the end'], { vocabularySize: 259, specialTokens: ['[SEP]'] });
    const ids = bpe.encode('then, ends[SEP]end');
    const words: Record<number, string> = {};
    wordsOfTokens(ids, bpe).forEach(
      (word, i) => (words[word] = (words[word] ?? '') + bpe.decode([ids[i] ?? 0])),
    );
    expect(Object.values(words)).toEqual(['then', ',', ' ends', '[SEP]', 'end']);
  });

  it('knows Chinese words by a dictionary', async () => {
    const text = '我们喜欢北京大学。';
    const tokenizer = await trainCharacterTokenizer([text]);
    const spans = Array.from(text, (_, start) => ({ start, end: start + 1 }));
    expect(tokenizer.encode(text).length).toBe(spans.length);
    const words = wordsOfText(text, spans);
    expect(words[0]).toBe(words[1]);
    expect(words[2]).toBe(words[3]);
    expect(words[1]).not.toBe(words[2]);
    expect(words[4]).toBe(words[5]);
  });

  it('knows words from ids alone, by spelling or by a dictionary', async () => {
    const text = 'lower 我们喜欢北京大学。 lowest';
    const tokenizer = await trainWordPiece(['lower lowest s r e t w o l 我们喜欢北京大学。'], {
      vocabularySize: 40,
    });
    const { ids, spans } = encodeWithOffsets(tokenizer, text);
    const wordsIn = (words: ArrayLike<number>): string[] => {
      const parts: Record<number, string> = {};
      spans.forEach(({ start, end }, i) => {
        parts[words[i] ?? 0] = (parts[words[i] ?? 0] ?? '') + text.slice(start, end);
      });
      return Object.values(parts);
    };
    expect(wordsIn(wordsOfIds(ids, tokenizer))).toEqual([
      'lower',
      '我们',
      '喜欢',
      '北京',
      '大学',
      '。',
      'lowest',
    ]);
    const english = tokenizer.encode('lower lowest');
    expect(wordsOfIds(english, tokenizer)).toEqual(wordsOfTokens(english, tokenizer));
  });

  it('takes its tokens from the tokenizer, which must have a mask', async () => {
    const tokenizer = await trainWordPiece(['abc'], { vocabularySize: 10 });
    expect(maskingOf(tokenizer)).toEqual({ maskId: 4, vocabularySize: tokenizer.vocabularySize, special });
    const character = await trainCharacterTokenizer(['abc'], { specialTokens: ['<pad>'] });
    expect(() => maskingOf(character)).toThrow(/no special token "\[MASK\]".* It has: <pad>/);
  });
});
