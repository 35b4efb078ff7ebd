import { describe, expect, it } from 'vitest';
import { AbortedError } from '../core/errors.js';
import { storageError } from '../core/storage-error.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { MemoryDisk, MemoryFiles, memoryFiles } from '../testing/memory-files.js';
import { tokenizerFingerprint } from './fingerprint.js';
import { maxPieceLength } from './pieces.js';
import type { TextPiece, TextSource } from './source.js';
import { textFile } from './text-file.js';
import { openTokenFile } from './token-file.js';
import { tokenizeToFile } from './tokenize.js';
import type { TokenizeProgress } from './tokenize.js';

/** Ids are UTF-16 units; 65,536 ends a text, under the name given. */
function unitTokenizer(endOfText?: string): Tokenizer {
  return {
    kind: 'units',
    vocabularySize: 65_537,
    specialTokens: new Map(endOfText === undefined ? [] : [[endOfText, 65_536]]),
    lossless: true,
    encode: (text) => Int32Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)),
    decode: (ids) => String.fromCharCode(...Array.from(ids)),
    streamDecoder: () => ({ push: (id) => String.fromCharCode(id), end: () => '' }),
    tokenOf: (id) => String.fromCharCode(id),
    idOf: (token) => token.charCodeAt(0),
    toJSON: () => ({ kind: 'units', endOfText }),
  };
}

function sourceOf(...documents: readonly string[]): TextSource {
  async function* pieces(): AsyncGenerator<TextPiece> {
    for (const [i, text] of documents.entries())
      yield { text, endsDocument: true, bytesRead: (i + 1) * 2 ** 20 };
  }
  return { name: 'documents', totalBytes: async () => documents.length * 2 ** 20, pieces };
}

async function idsIn(files: ReturnType<typeof memoryFiles>, path: string): Promise<number[]> {
  const tokens = await openTokenFile(files, path);
  const ids = new Int32Array(tokens.count);
  await tokens.read(0, ids);
  return [...ids];
}

describe('tokenizeToFile', () => {
  it('ends every document with the end-of-text token', async () => {
    for (const name of ['<|endoftext|>', '<|end_of_text|>', '</s>']) {
      const files = memoryFiles();
      const result = await tokenizeToFile(files, '/t', sourceOf('ab', '', '中'), unitTokenizer(name));
      expect(await idsIn(files, '/t')).toEqual([97, 98, 65_536, 65_536, 0x4e2d, 65_536]);
      expect(result).toEqual({ tokens: 6, documents: 3, textBytes: 5 });
    }
  });

  it('lets documents follow each other where there is no such token', async () => {
    const files = memoryFiles();
    await tokenizeToFile(files, '/t', sourceOf('ab', 'c'), unitTokenizer());
    expect(await idsIn(files, '/t')).toEqual([97, 98, 99]);
  });

  it('keeps a long text whole across pieces, and counts its bytes', async () => {
    const files = memoryFiles();
    const text = 'Über 中文 😀, word '.repeat(20_000);
    expect(text.length).toBeGreaterThan(4 * maxPieceLength);
    await files.writeAtomic('/text', text);
    const result = await tokenizeToFile(files, '/t', textFile(files, '/text'), unitTokenizer());
    expect(String.fromCharCode(...(await idsIn(files, '/t')).slice(-40))).toBe(text.slice(-40));
    expect(result).toEqual({
      tokens: text.length,
      documents: 1,
      textBytes: (await files.info('/text'))?.bytes,
    });
  });

  it('keeps in the file which tokenizer made it, and how many bytes the text had', async () => {
    const files = memoryFiles();
    await tokenizeToFile(files, '/t', sourceOf('中'), unitTokenizer());
    const fingerprint = await tokenizerFingerprint(unitTokenizer());
    expect(await openTokenFile(files, '/t')).toMatchObject({
      fingerprint,
      textBytes: 3,
      vocabularySize: 65_537,
    });
    expect(await tokenizerFingerprint(unitTokenizer('</s>'))).not.toBe(fingerprint);
  });

  it('reports how far it has come', async () => {
    const reports: TokenizeProgress[] = [];
    const onProgress = (progress: TokenizeProgress): void => void reports.push(progress);
    await tokenizeToFile(memoryFiles(), '/t', sourceOf('ab', 'c'), unitTokenizer(), { onProgress });
    expect(reports.at(0)).toEqual({ bytesRead: 2 ** 20, totalBytes: 2 ** 21, tokens: 2, documents: 1 });
    expect(reports.at(-1)).toEqual({ bytesRead: 2 ** 21, totalBytes: 2 ** 21, tokens: 3, documents: 2 });
  });

  it('leaves no file when it is cancelled', async () => {
    const files = memoryFiles();
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    const work = tokenizeToFile(files, '/t', sourceOf('ab', 'c'), unitTokenizer(), {
      signal: controller.signal,
      onProgress,
    });
    await expect(work).rejects.toThrow(AbortedError);
    expect(await files.list('/')).toEqual([]);
  });

  it('keeps the older file when the disk is full', async () => {
    let isFull = false;
    const files = new MemoryFiles(new MemoryDisk(), (change) => {
      if (isFull && change.startsWith('write ')) throw storageError('write', '/t', 'ENOSPC');
    });
    await tokenizeToFile(files, '/t', sourceOf('old'), unitTokenizer());
    isFull = true;
    await expect(tokenizeToFile(files, '/t', sourceOf('new'), unitTokenizer())).rejects.toMatchObject({
      fields: { errno: 'ENOSPC' },
    });
    expect(await idsIn(files, '/t')).toEqual([...unitTokenizer().encode('old')]);
    expect(await files.list('/')).toEqual(['t']);
  });

  it('refuses documents that hold no text at all', async () => {
    await expect(
      tokenizeToFile(memoryFiles(), '/t', sourceOf('', ''), unitTokenizer('</s>')),
    ).rejects.toThrow('"documents" is empty');
  });
});
