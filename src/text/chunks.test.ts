import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedText } from '../../test/support/native-tokenizers.js';
import { ConfigError } from '../core/errors.js';
import { trainBpe } from './bpe-training.js';
import { type Chunk, chunkText, streamChunks } from './chunks.js';
import { sentenceEnds } from './sentences.js';
import type { Tokenizer } from './tokenizer.js';

/** One token for each byte. */
const bytes = { encode: (text: string) => Int32Array.from(Buffer.from(text)) };
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const graphemeStarts = (text: string): Set<number> =>
  new Set([...Array.from(graphemes.segment(text), ({ index }) => index), text.length]);

const part = fc.oneof(
  fc.constantFrom(
    '. ',
    '。',
    '\n',
    '\n\n',
    '\n```\n',
    ' ',
    'Dr. ',
    'The end',
    '他说',
    '👩‍👩‍👧',
    'e\u0301',
    ' \u0301',
    '\r\n',
    '🇩🇪',
    '한',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const anyText = fc.array(part, { maxLength: 40 }).map((parts) => parts.join(''));

let bpe: Tokenizer;
beforeAll(async () => {
  bpe = await trainBpe(['The end of the day. 他说他来。 '.repeat(9)], { vocabularySize: 280 });
});

function expectCover(
  source: string,
  chunks: readonly Chunk[],
  maxTokens: number,
  overlapTokens: number,
): void {
  let covered = 0;
  for (const [i, { index, start, freshStart, end, text, ids }] of chunks.entries()) {
    expect(index).toBe(i);
    expect(source.slice(start, end)).toBe(text);
    expect(ids.length).toBeLessThanOrEqual(maxTokens);
    expect(freshStart).toBe(covered);
    expect(start).toBeLessThanOrEqual(freshStart);
    expect(end).toBeGreaterThan(freshStart);
    if (overlapTokens === 0) expect(start).toBe(freshStart);
    covered = end;
  }
  expect(covered).toBe(source.length);
}

describe('chunks', () => {
  it('are slices of the source that cover it and fit, whatever the text', () => {
    const sizes = fc
      .tuple(fc.integer({ min: 4, max: 80 }), fc.nat(30))
      .filter(([max, overlap]) => overlap < max);
    fc.assert(
      fc.property(anyText, sizes, fc.boolean(), (source, [maxTokens, overlapTokens], merging) => {
        const tokenizer = merging ? bpe : bytes;
        const chunks = [...chunkText(source, tokenizer, { maxTokens, overlapTokens })];
        expectCover(source, chunks, maxTokens, overlapTokens);
        for (const { text, ids } of chunks) expect(ids).toEqual(tokenizer.encode(text));
      }),
      { numRuns: 400 },
    );
  });

  it('cut no character that fits, and no sentence that fits', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 40, max: 120 }), (source, maxTokens) => {
        const starts = graphemeStarts(source);
        const ends = sentenceEnds(source);
        const insideLong = (place: number): boolean => {
          const i = ends.findIndex((end) => end > place);
          return bytes.encode(source.slice(ends[i - 1] ?? 0, ends[i])).length > maxTokens;
        };
        for (const { end } of chunkText(source, bytes, { maxTokens })) {
          if (longestCluster(source) <= maxTokens) expect(starts.has(end)).toBe(true);
          expect(ends.includes(end) || insideLong(end)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are the same in a stream, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { maxLength: 5 }), async (pieces) => {
        const options = { maxTokens: 50, overlapTokens: 20 };
        const streamed: Chunk[] = [];
        for await (const chunk of streamChunks(pieces, bytes, options)) streamed.push(chunk);
        expect(streamed).toEqual([...chunkText(pieces.join(''), bytes, options)]);
      }),
      { numRuns: 50 },
    );
  });

  it('keep a code fence that fits whole, and cut one that does not at a line', () => {
    const fence = '```js\nconst a = 1;\n\nconst b = 2;\n```\n';
    const source = `One sentence here. ${'\n\n'}${fence}And more. Then the end of it.`;
    const chunks = [...chunkText(source, bytes, { maxTokens: 50 })];
    expect(chunks.filter(({ text }) => text.includes('```')).map(({ text }) => text)).toEqual([
      `${fence}And more. `,
    ]);
    const lines = [...chunkText(fence, bytes, { maxTokens: 20 })].map(({ text }) => text);
    expect(lines).toEqual(['```js\nconst a = 1;\n\n', 'const b = 2;\n```\n']);
  });

  it('overlap by whole sentences where one fits, otherwise by the last words', () => {
    const source = 'One. Two. Three. Four. Five. Six.';
    const texts = (overlapTokens: number): string[] =>
      [...chunkText(source, bytes, { maxTokens: 18, overlapTokens })].map(({ text }) => text);
    expect(texts(0)).toEqual(['One. Two. Three. ', 'Four. Five. Six.']);
    expect(texts(8)).toEqual(['One. Two. Three. ', 'Three. Four. ', 'Four. Five. Six.']);
    const long = 'A sentence of many words. Another one of many words.';
    const [, second] = chunkText(long, bytes, { maxTokens: 40, overlapTokens: 8 });
    expect(second).toMatchObject({ text: 'words. Another one of many words.', start: 19, freshStart: 26 });
  });

  it('cut a long sentence at clauses, then words, then characters', () => {
    const texts = (source: string, maxTokens: number): string[] =>
      [...chunkText(source, bytes, { maxTokens })].map(({ text }) => text);
    expect(texts('when it rains, it pours', 16)).toEqual(['when it rains, ', 'it pours']);
    expect(texts('when it rains', 8)).toEqual(['when it ', 'rains']);
    expect(texts('下雨了，他没带伞', 15)).toEqual(['下雨了，', '他没带伞']);
    expect(texts('👩‍👩‍👧👩‍👩‍👧', 20)).toEqual(['👩‍👩‍👧', '👩‍👩‍👧']);
  });

  it('cover a real text', ({ skip }) => {
    const { present, read } = sharedText('zh_text_fortunes/tang300.txt.gz');
    skip(!present, '../shared/data/zh_text_fortunes is not there');
    const source = read();
    const chunks = [...chunkText(source, bytes, { maxTokens: 512, overlapTokens: 64 })];
    expectCover(source, chunks, 512, 64);
    expect(chunks.length).toBeLessThan((1.6 * Buffer.byteLength(source)) / 448);
  });

  it('refuse sizes that make no sense', () => {
    const chunk = (maxTokens: number, overlapTokens: number): unknown => [
      ...chunkText('😀', bytes, { maxTokens, overlapTokens }),
    ];
    expect(() => chunk(0, 0)).toThrow(ConfigError);
    expect(() => chunk(4, 4)).toThrow(/overlap below that/);
    expect(() => chunk(3, 0)).toThrow(/"😀" takes 4 tokens, and a chunk has room for 3/);
    expect([...chunkText('', bytes, { maxTokens: 1 })]).toEqual([]);
  });
});

function longestCluster(text: string): number {
  return Math.max(0, ...Array.from(graphemes.segment(text), ({ segment }) => bytes.encode(segment).length));
}
