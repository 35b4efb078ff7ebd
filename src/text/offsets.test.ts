import fc from 'fast-check';
import { Tokenizer } from 'tokenizers';
import { describe, expect, it } from 'vitest';
import { TokenizerError } from '../core/errors.js';
import { trainBpe } from './bpe-training.js';
import { trainCharacterTokenizer } from './character.js';
import { HuggingFaceTokenizer } from './hugging-face.js';
import { encodeWithOffsets } from './offsets.js';
import { parseTokenizerFile } from './tokenizer-file.js';
import { tokenizerFromJSON } from './tokenizer-json.js';
import { trainUnigram } from './unigram-training.js';
import { trainWordPiece } from './word-piece-training.js';
import { trainWordTokenizer } from './word-training.js';

const corpus = 'the low lower lowest towers; naïve café, 月光下的诗人。 😀😀 <s> the end\n';
const specialTokens = ['<s>'];
const part = fc.constantFrom(
  'low',
  'lowest ',
  ' the',
  '  ',
  '月光',
  '<s>',
  'é',
  '😀',
  '\n',
  ';',
  'naïve',
  '。',
);
const text = fc.array(part, { maxLength: 20 }).map((parts) => parts.join(''));

const kinds = {
  character: () => trainCharacterTokenizer([corpus], { specialTokens }),
  word: () => trainWordTokenizer([corpus], { specialTokens, endOfLineToken: '<eos>' }),
  'word-piece': () => trainWordPiece([corpus], { vocabularySize: 120, specialTokens }),
  unigram: () => trainUnigram([corpus], { vocabularySize: 90, characterCoverage: 1, specialTokens }),
  'byte-level-bpe': () => trainBpe([corpus], { vocabularySize: 300, minimumFrequency: 1, specialTokens }),
};

/** Spans of the native library; it counts code points. */
async function nativeSpans(json: unknown, text: string): Promise<string[]> {
  const encoding = await Tokenizer.fromString(JSON.stringify(json)).encode(text, null, {
    addSpecialTokens: false,
  });
  const characters = [...text];
  return encoding.getOffsets().map(([start, end]) => characters.slice(start, end).join('').trim());
}

describe('the places of tokens', () => {
  it.each(Object.entries(kinds))(
    'go with the ids, and are those of the native library but for spaces: %s',
    async (kind, train) => {
      const tokenizer = await train();
      await fc.assert(
        fc.asyncProperty(text, async (text) => {
          const { ids, spans } = encodeWithOffsets(tokenizer, text);
          expect(ids).toEqual(tokenizer.encode(text));
          expect(spans.length).toBe(ids.length);
          spans.forEach(({ start, end }, i) => {
            expect(start).toBeGreaterThanOrEqual(spans[i - 1]?.start ?? 0);
            expect(end).toBeLessThanOrEqual(text.length);
          });
          // Line breaks are written as another text there, and half a character has no place of its own.
          if (kind === 'word' || /[^\x20-\x7e]/.test(text)) return;
          const said = spans.map(({ start, end }) => text.slice(start, end).trim());
          expect(said).toEqual(await nativeSpans(tokenizer.toJSON(), text));
        }),
        { numRuns: 60, examples: [['the lowest; <s> lower']] },
      );
    },
  );

  it('are the same stretch for tokens that share a character', async () => {
    const tokenizer = await kinds['byte-level-bpe']();
    const { ids, spans } = encodeWithOffsets(tokenizer, 'a€b');
    expect(ids.length).toBe(5);
    expect(spans.slice(1, 4).map(({ start, end }) => [start, end])).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  it('reach back through normalization', async () => {
    const bpe = (await kinds['byte-level-bpe']()).toJSON();
    const tokenizer = tokenizerFromJSON({ ...bpe, normalizer: { type: 'NFC' } });
    const source = 'cafe\u0301 x';
    const { ids, spans } = encodeWithOffsets(tokenizer, source);
    expect(ids).toEqual(tokenizer.encode(source));
    expect(spans.some(({ start, end }) => source.slice(start, end).endsWith('e\u0301'))).toBe(true);
    expect(spans.at(-1)?.end).toBe(source.length);
  });

  it('are not known of tokenizers that run in another library', () => {
    const file = { pre_tokenizer: { type: 'Whitespace' }, model: { type: 'WordLevel', vocab: { a: 0 } } };
    const tokenizer = new HuggingFaceTokenizer(parseTokenizerFile(file));
    expect(() => encodeWithOffsets(tokenizer, 'a')).toThrow(TokenizerError);
    expect(() => encodeWithOffsets(tokenizer, 'a')).toThrow(/"hugging-face" does not say where/);
  });
});
