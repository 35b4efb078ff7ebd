import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunksOf, maxChunkLength } from './chunks.js';
import { eachStore } from '../../test/support/each-store.js';

const words = (text: string): string => text.replace(/\s+/gu, '');

test('chunks hold all words in order and none is too long', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 400 }), { maxLength: 12 }),
      fc.constantFrom('\n\n', '\n', ' ', '。', ''),
      (parts, separator) => {
        const text = parts.join(separator);
        const chunks = chunksOf(text);
        expect(words(chunks.join(''))).toBe(words(text));
        for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(maxChunkLength);
      },
    ),
    { numRuns: 100 },
  );
});

test('paragraphs stay whole where they fit', () => {
  const paragraph = 'word '.repeat(100).trim();
  expect(chunksOf([paragraph, paragraph, paragraph].join('\n\n'))).toEqual([
    `${paragraph}\n\n${paragraph}`,
    paragraph,
  ]);
});

test('millions of characters without a place to cut are cut all the same', () => {
  expect(chunksOf('🙂'.repeat(1_000_000)).every((chunk) => !/\p{Surrogate}/u.test(chunk))).toBe(true);
});

const sentence = (i: number): string => `Sentence ${i} of a long report says little about item ${i % 97}.\n`;

eachStore((store) => {
  test('a document is found by its chunks and forgotten as a whole', async () => {
    const archive = await store.archive();
    const text = ['The mast carries the sail.', 'x '.repeat(700), 'The anchor holds the ship.'].join('\n\n');
    const { document, chunks, status } = await archive.addDocument({ title: 'Boats', text });
    expect(status).toBe('stored');
    expect(chunks.length).toBeGreaterThan(2);
    const [best] = await archive.recall('What does the anchor hold?', { neighbours: 1 });
    expect(best?.item).toMatchObject({ kind: 'chunk', document: 'Boats', turn: chunks.length - 1 });
    expect(best?.neighbours).toHaveLength(1);
    expect(await archive.addDocument({ title: 'Boats', text })).toMatchObject({
      status: 'duplicate',
      document,
    });
    expect(await archive.documents()).toMatchObject([{ document, title: 'Boats', chunks: chunks.length }]);
    const receipt = await archive.forget({ document });
    expect(receipt.removed).toMatchObject({ chunks: chunks.length, documents: 1 });
    expect(await archive.documents()).toEqual([]);
    expect(await archive.recall('anchor')).toEqual([]);
  });

  test('10 MB are stored', { timeout: 120_000 }, async () => {
    const archive = await store.archive();
    const text = Array.from({ length: 20_000 }, (_, i) => sentence(i)).join('');
    const { chunks } = await archive.addDocument({ title: 'Report', text });
    expect(chunks.length).toBeGreaterThan(900);
    expect(await archive.recall('sentence 19999')).not.toEqual([]);
  });
});
