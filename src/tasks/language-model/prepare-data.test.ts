import { describe, expect, it } from 'vitest';
import { DataError } from '../../core/errors.js';
import { openSource, tokenRange, tokensInMemory } from '../../data/index.js';
import { memoryFiles } from '../../testing/memory-files.js';
import { trainBpe, trainCharacterTokenizer } from '../../text/index.js';
import type { PreparationEvent } from './prepare-data.js';
import type { TokenizerRecipe } from './recipe.js';
import { parseRecipe } from './recipe.js';
import { openTokens, predictedBytes, prepareTokenizer, tokenizeTexts } from './prepare-data.js';

const text = 'low lower lowest — 新しい海 🐋 newest\n'.repeat(20);

async function disk(contents: Readonly<Record<string, string>>) {
  const files = memoryFiles();
  for (const [path, content] of Object.entries(contents)) await files.writeAtomic(path, content);
  return files;
}

describe('the bytes that predicted tokens stand for', () => {
  it('are those of the text after the first character', async () => {
    const tokenizer = await trainCharacterTokenizer([text]);
    const tokens = tokensInMemory(tokenizer.encode(text));
    expect(await predictedBytes(tokens, tokenizer)).toBe(Buffer.byteLength(text) - 1);
  });

  it('are whole characters, though byte-level tokens are not', async () => {
    const tokenizer = await trainBpe([text], { vocabularySize: 270 });
    const ids = tokenizer.encode(text);
    const tokens = tokensInMemory(ids);
    expect(await predictedBytes(tokens, tokenizer)).toBe(
      Buffer.byteLength(text) - Buffer.byteLength(tokenizer.decode([ids[0] ?? 0])),
    );
  });

  it('do not count special tokens', async () => {
    const tokenizer = await trainBpe([text], { vocabularySize: 270, specialTokens: ['<|endoftext|>'] });
    const tokens = tokensInMemory(tokenizer.encode(`a${text}<|endoftext|>b`));
    expect(await predictedBytes(tokens, tokenizer)).toBe(Buffer.byteLength(text) + 1);
  });

  it('are counted in pieces of any text', async () => {
    const long = 'whale '.repeat(30_000);
    const tokenizer = await trainCharacterTokenizer([long]);
    const tokens = tokensInMemory(tokenizer.encode(long));
    expect(await predictedBytes(tokenRange(tokens, 5, tokens.count), tokenizer)).toBe(long.length - 6);
  });
});

describe('preparing data', () => {
  const recipe: TokenizerRecipe = { kind: 'character', specialTokens: [] };

  it('learns the tokenizer, tokenizes, splits, and tells how far it is', async () => {
    const files = await disk({ '/text.txt': text });
    const source = await openSource(files, '/text.txt');
    const events: PreparationEvent[] = [];
    const onEvent = (event: PreparationEvent): void => void events.push(event);
    const tokenizer = await prepareTokenizer(files, recipe, source, { onEvent });
    await tokenizeTexts(files, '', { train: source }, tokenizer, { onEvent });
    const { split } = await openTokens(files, '', tokenizer, 0.25);
    const count = [...text].length;
    expect(split.train.count).toBe(count * 0.75);
    expect(split.validation.count).toBe(count * 0.25);
    expect(events.at(-1)).toMatchObject({ kind: 'tokenizing', source: '/text.txt', tokens: count });
  });

  it('learns each kind of tokenizer that a recipe can name', async () => {
    const files = await disk({ '/text.txt': text });
    const source = await openSource(files, '/text.txt');
    const model = { width: 8, layers: 1, heads: 1, maxLength: 8 };
    const training = { steps: 1, batchSize: 1, learningRate: 0.1 };
    const kinds: readonly unknown[] = [
      { kind: 'character' },
      { kind: 'word' },
      { kind: 'word-piece', vocabularySize: 60 },
      { kind: 'unigram', vocabularySize: 60 },
      { kind: 'byte-level-bpe', vocabularySize: 270 },
    ];
    for (const tokenizer of kinds) {
      const recipe = parseRecipe({ tokenizer, model, training });
      const learned = await prepareTokenizer(files, recipe.tokenizer, source, {});
      expect(learned.kind).toBe(recipe.tokenizer.kind);
      expect(learned.encode(text).length).toBeGreaterThan(0);
    }
  });

  it('validates on a text of its own, and forgets it when there is none any more', async () => {
    const files = await disk({ '/a.txt': text, '/b.txt': 'lowest' });
    const train = await openSource(files, '/a.txt');
    const validation = await openSource(files, '/b.txt');
    const tokenizer = await prepareTokenizer(files, recipe, train, {});
    await tokenizeTexts(files, '', { train, validation }, tokenizer, {});
    expect((await openTokens(files, '', tokenizer, 0.1)).split.validation.count).toBe(6);
    await tokenizeTexts(files, '', { train }, tokenizer, {});
    expect((await openTokens(files, '', tokenizer, 0.5)).split.validation.count).toBe([...text].length / 2);
  });

  it('reads a tokenizer that exists already', async () => {
    const tokenizer = await trainBpe([text], { vocabularySize: 270 });
    const files = await disk({ '/tokenizer.json': JSON.stringify(tokenizer.toJSON()), '/text.txt': text });
    const source = await openSource(files, '/text.txt');
    const read = await prepareTokenizer(files, { kind: 'file', path: '/tokenizer.json' }, source, {});
    expect(read.encode(text)).toEqual(tokenizer.encode(text));
  });

  it('refuses token files of another tokenizer', async () => {
    const files = await disk({ '/text.txt': text });
    const source = await openSource(files, '/text.txt');
    const tokenizer = await prepareTokenizer(files, recipe, source, {});
    await tokenizeTexts(files, '', { train: source }, tokenizer, {});
    const other = await trainCharacterTokenizer(['other']);
    await expect(openTokens(files, '', other, 0.1)).rejects.toThrow(DataError);
  });
});
