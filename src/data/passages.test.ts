// Passages of documents, and rows of ids in token files.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../testing/memory-files.js';
import { trainBpe, trainWordPiece } from '../text/index.js';
import { jsonl } from './jsonl.js';
import { passagesOf, TokenRows, writePassages } from './passages.js';
import { textField } from './text-field.js';
import { openTokenFile } from './token-file.js';
import { tokensInMemory } from './tokens.js';

describe('passages', () => {
  it('consist of whole sentences of one document', async () => {
    const files = memoryFiles();
    const texts = ['One two. Three four. Five six.', '我们喜欢。他们读书。', '', 'Seven.'];
    await files.writeAtomic('/t.jsonl', texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
    const tokenizer = await trainWordPiece(texts, { vocabularySize: 200, minimumFrequency: 1 });
    const source = textField(jsonl(files, '/t.jsonl'), 'text');
    const passages: string[] = [];
    for await (const { text } of passagesOf(source, tokenizer, 100)) passages.push(text);
    expect(passages).toEqual(texts.filter((text) => text !== ''));
    const short: string[] = [];
    const three = tokenizer.encode('Three four.').length;
    for await (const { text } of passagesOf(source, tokenizer, Math.max(three, 6))) short.push(text.trim());
    expect(short.join(' ')).toBe(
      texts
        .filter((text) => text !== '')
        .join(' ')
        .replace('。他', '。 他'),
    );
    expect(short.length).toBeGreaterThan(passages.length);
    const options = {
      tokenizer,
      endId: 3,
      maxTokens: 100,
      rowsOf: (passage: { readonly ids: Int32Array }) => [passage.ids],
    };
    expect(await writePassages(files, '/t.tokens', source, options)).toBe(3);
    const tokens = await openTokenFile(files, '/t.tokens');
    const rows = await TokenRows.read(tokens, 3);
    expect([rows.count, tokenizer.decode(rows.row(1)), tokenizer.decode(rows.row(2))]).toEqual([
      3,
      '我们喜欢。他们读书。',
      'seven.',
    ]);
    await expect(
      writePassages(files, '/none.tokens', source, { ...options, rowsOf: () => [] }),
    ).rejects.toThrow('Nothing can be learned from "/t.jsonl"');
    expect(await files.info('/none.tokens')).toBeUndefined();
  });

  it('are as long as what the tokenizer is given of them', async () => {
    const files = memoryFiles();
    const text = 'THE OLD WHALE. THE OLD SHIP. THE OLD SEA. THE OLD WHALE.';
    await files.writeAtomic('/t.jsonl', `${JSON.stringify({ text })}\n`);
    const tokenizer = await trainBpe([text.toLowerCase()], { vocabularySize: 300, minimumFrequency: 1 });
    const source = textField(jsonl(files, '/t.jsonl'), 'text');
    const maxTokens = tokenizer.encode(text.toLowerCase()).length + 8; // Sentences are counted one by one.
    const textsWith = async (normalize?: (text: string) => string): Promise<string[]> => {
      const texts: string[] = [];
      const rowsOf = (passage: { readonly text: string }): Int32Array[] => {
        texts.push(passage.text);
        return [Int32Array.of(1)];
      };
      const options = { tokenizer, endId: 0, maxTokens, rowsOf, ...(normalize && { normalize }) };
      await writePassages(files, '/t.tokens', source, options);
      return texts;
    };
    expect(await textsWith((part) => part.toLowerCase())).toEqual([text]);
    expect((await textsWith()).length).toBeGreaterThan(1);
  });

  it('come back as they were written', async () => {
    const row = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), fc.nat(12), fc.nat(12), async (rows, a, b) => {
        const [start, end] = [a, b].map((n) => Math.min(n, rows.length)).sort((x, y) => x - y) as [
          number,
          number,
        ];
        const ids = Int32Array.from(rows.flatMap((ids) => [...ids, 0]));
        const all = await TokenRows.read(tokensInMemory(ids), 0);
        const part = all.slice(start, end);
        const listed = (of: TokenRows): number[][] =>
          Array.from({ length: of.count }, (_, i) => [...of.row(i)]);
        expect(listed(all)).toEqual(rows);
        expect(listed(part)).toEqual(rows.slice(start, end));
      }),
    );
  });
});
