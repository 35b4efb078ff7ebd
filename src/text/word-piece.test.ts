import fc from 'fast-check';
import { Tokenizer as HuggingFace } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import { linesOf, nativeIds, sharedText } from '../../test/support/native-tokenizers.js';
import { settledCharacter } from '../../test/support/settled-character.js';
import { AbortedError, ConfigError, DataError, TokenizerError } from '../core/errors.js';
import { encodeWithOffsets } from './offsets.js';
import { tokenizerFromJSON } from './tokenizer-json.js';
import { trainWordPiece } from './word-piece-training.js';
import { WordPieceTokenizer } from './word-piece.js';

const corpus = [
  'The low, lower and lowest towers; newer news is newest news.',
  "It's naïve café: Ærøskøbing Übermut ÉCOLE 1995!",
  '月光下的诗人，举头望明月。',
  'towers of 42 flowers, flowing slowly (soon) “now”',
];
const trained = (options: object = {}) => trainWordPiece(corpus, { vocabularySize: 150, ...options });

const part = fc.oneof(
  fc.constantFrom(
    'low',
    'lowest',
    'THE ',
    'news',
    ' ',
    '月光',
    'é',
    'e\u0301',
    '[MASK]',
    '[UNK]',
    '\u200b',
    '\u0000',
    '\ufffd',
    '\u3000',
  ),
  fc.constantFrom(
    ...corpus.join(''),
    '\n',
    '\u0085',
    'İ',
    'ﬁ',
    '≠',
    '한',
    '㐀',
    '豈',
    '$',
    '¿',
    '😀',
    'ß',
    'Σ',
  ),
  fc.string({ unit: settledCharacter, maxLength: 4 }),
);
/** Without accents and controls, in lower case. */
const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\p{Mn}\p{Cc}\p{Cf}\p{Co}\p{Cs}\uFFFD]/gu, '')
    .toLowerCase();

const text = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(''));

describe('a WordPiece tokenizer', () => {
  it.each([
    ['uncased', {}],
    ['cased', { normalization: { lowercase: false, stripAccents: false } }],
    [
      'lower case with accents, Chinese in words',
      { normalization: { stripAccents: false, splitChinese: false } },
    ],
    ['unclean', { normalization: { cleanText: false } }],
  ])('gives the ids of both Hugging Face libraries: %s', async (_name, options) => {
    const tokenizer = await trained(options);
    const json = tokenizer.toJSON();
    const huggingFace = new HuggingFace(json, { unk_token: '[UNK]' });
    await fc.assert(
      fc.asyncProperty(text, async (text) => {
        const ids = [...tokenizer.encode(text)];
        expect(ids).toEqual(await nativeIds(json, text));
        if (/^[\x20-\x7e]*$/.test(text))
          expect(huggingFace.encode(text, { add_special_tokens: false }).ids).toEqual(ids);
      }),
      {
        numRuns: 200,
        examples: [[corpus.join('\n')], ['x'.repeat(101)], ['lo'.repeat(50)], ['low\u3040er']],
      },
    );
  });

  it('says where each token stands in the text', async () => {
    const tokenizer = await trained();
    const source = 'The LOWEST [MASK] Cafe\u0301,\u200b 月光!';
    const { ids, spans } = encodeWithOffsets(tokenizer, source);
    expect(ids).toEqual(tokenizer.encode(source));
    const words = spans.map(({ start, end }) => source.slice(start, end));
    expect(words).toEqual([
      'T',
      'h',
      'e',
      'LOW',
      'EST',
      '[MASK]',
      'C',
      'a',
      'f',
      'e\u0301',
      ',',
      '月',
      '光',
      '!',
    ]);
    fc.assert(
      fc.property(text, (text) => {
        const { ids, spans } = encodeWithOffsets(tokenizer, text);
        expect(ids).toEqual(tokenizer.encode(text));
        spans.forEach(({ start, end }, i) => {
          expect(end).toBeGreaterThan(start);
          // Hangul syllables come apart, so that several tokens can stand for one character.
          const piece = tokenizer.tokenOf(ids[i] ?? -1)?.replace(/^##(?=.)/, '') ?? '';
          if (!tokenizer.specialTokens.has(piece)) expect(plain(text.slice(start, end))).toContain(piece);
        });
      }),
    );
  });

  it('counts an accent that is a character of its own to the letter before it, and drops it at the start', async () => {
    const { spans } = encodeWithOffsets(await trained(), '\u0301e\u0301\u0301');
    expect(spans).toEqual([{ start: 1, end: 4 }]);
  });

  it('learns the pieces that merging the most frequent pair by hand gives', async () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '猫'), minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 3 }),
        async (words, minimumFrequency) => {
          const tokenizer = await trainWordPiece([words.join(' ')], { vocabularySize: 60, minimumFrequency });
          const learned = Array.from({ length: tokenizer.vocabularySize - 5 }, (_, i) =>
            tokenizer.tokenOf(i + 5),
          );
          expect(learned).toEqual(
            mergeByHand(
              words.flatMap((word) => word.split(/(猫)/).filter(Boolean)),
              55,
              minimumFrequency,
            ),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('keeps the most frequent characters where there is no room for all', async () => {
    const tokenizer = await trainWordPiece(['的的的我我你'], { vocabularySize: 7 });
    expect([5, 6].map((id) => tokenizer.tokenOf(id))).toEqual(['我', '的']);
    expect([...tokenizer.encode('我的你')]).toEqual([5, 6, 1]);
  });

  it('writes text down as people do, streamed or not', async () => {
    const tokenizer = await trained({ vocabularySize: 400 });
    const source = 'the towers, (newest) news! 月光下的诗人，举头望明月。flowers of 月“now” 1995';
    const ids = tokenizer.encode(source);
    expect(tokenizer.decode(ids)).toBe(source);
    const decoder = tokenizer.streamDecoder();
    expect(Array.from(ids, (id) => decoder.push(id)).join('') + decoder.end()).toBe(tokenizer.decode(ids));
  });

  it('reads back what it writes, and the files of BERT', async () => {
    const tokenizer = await trained({ specialTokens: ['<title>'], normalization: { lowercase: false } });
    const again = tokenizerFromJSON(JSON.stringify(tokenizer));
    expect(again).toBeInstanceOf(WordPieceTokenizer);
    expect(again.toJSON()).toEqual(tokenizer.toJSON());
    expect(again.specialTokens.get('[MASK]')).toBe(4);
    expect(again.specialTokens.get('<title>')).toBe(5);
    const { normalizer, ...file } = tokenizer.toJSON();
    const nullAccents = { ...(normalizer as object), strip_accents: null, lowercase: true };
    const uncased = tokenizerFromJSON({ ...file, normalizer: nullAccents });
    expect(uncased.encode('ÉCOLE Lower')).toEqual(
      Int32Array.from(await nativeIds({ ...file, normalizer: nullAccents }, 'ÉCOLE Lower')),
    );
    expect(tokenizerFromJSON({ ...file, normalizer: { type: 'NFC' } }).kind).toBe('hugging-face');
  });

  it.for([sharedText('tinyshakespeare/input.txt'), sharedText('zh_text_fortunes/tang300.txt.gz')])(
    'gives the ids of the native library for $name',
    async ({ present, read, name }, { skip }) => {
      skip(!present, `../shared/data/${name} is not there`);
      const text = read().slice(0, 200_000);
      const tokenizer = await trainWordPiece(linesOf(text), { vocabularySize: 4000 });
      expect([...tokenizer.encode(text)]).toEqual(await nativeIds(tokenizer.toJSON(), text));
    },
  );

  it('refuses what cannot be learned, and stops when it is cancelled', async () => {
    await expect(trained({ vocabularySize: 5 })).rejects.toThrow(ConfigError);
    await expect(trained({ minimumFrequency: 0 })).rejects.toThrow(/at least 1/);
    await expect(trainWordPiece([' '], { vocabularySize: 50 })).rejects.toThrow(DataError);
    await expect(trained({ signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
    expect(() => new WordPieceTokenizer({ vocabulary: new Map([['a', 0]]) })).toThrow(TokenizerError);
    const tokenizer = await trained();
    expect(() => tokenizer.decode([150])).toThrow(/no token with the id 150/);
  });
});

/** The letters and merged pieces in the order of learning, counted anew for every merge. */
function mergeByHand(words: readonly string[], room: number, minimumFrequency: number): string[] {
  const lettersOf = (word: string): string[] =>
    [...word].map((letter, i) => (i === 0 ? letter : `##${letter}`));
  const rank = (letter: string): string => (letter.startsWith('##') ? `1${letter.slice(2)}` : `0${letter}`);
  const tokens = [...new Set(words.flatMap(lettersOf))].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  let rows = words.map(lettersOf);
  while (tokens.length < room) {
    const counts = new Map<string, number>();
    for (const row of rows)
      for (let i = 1; i < row.length; i++) {
        const key = `${row[i - 1]} ${row[i]}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    const order = (key: string): number[] => key.split(' ').map((token) => tokens.indexOf(token));
    const [best] = [...counts].sort(([a, m], [b, n]) => {
      const [[x = 0, y = 0], [v = 0, w = 0]] = [order(a), order(b)];
      return n - m || x - v || y - w;
    });
    if (best === undefined || best[1] < minimumFrequency) break;
    const [left = '', right = ''] = best[0].split(' ');
    const merged = left + right.slice(2);
    tokens.push(merged);
    rows = rows.map((row) => {
      const out: string[] = [];
      for (let i = 0; i < row.length; i++) {
        const joins = row[i] === left && row[i + 1] === right;
        out.push(joins ? merged : (row[i] ?? ''));
        if (joins) i++;
      }
      return out;
    });
  }
  return tokens;
}
