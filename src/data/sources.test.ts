// Every kind of source, on a disk in memory that hands out seven bytes at a time.
import { describe, expect, it } from 'vitest';
import type { Files } from '../core/files.js';
import { memoryFiles } from '../testing/memory-files.js';
import { folder } from './folder.js';
import { jsonl } from './jsonl.js';
import { openSource } from './open-source.js';
import type { TextSource } from './source.js';
import { textsOf } from './source.js';
import { textField } from './text-field.js';
import { textFile } from './text-file.js';
import { spool, textStream } from './text-stream.js';

async function disk(contents: Readonly<Record<string, string | Uint8Array>>): Promise<Files> {
  const files = memoryFiles();
  for (const [path, content] of Object.entries(contents)) {
    await files.makeFolder(path.slice(0, path.lastIndexOf('/')));
    await files.writeAtomic(path, content);
  }
  return files;
}

async function documentsOf(source: TextSource): Promise<string[]> {
  const documents = [''];
  for await (const piece of source.pieces()) {
    documents.push((documents.pop() ?? '') + piece.text);
    if (piece.endsDocument) documents.push('');
  }
  expect(documents.pop()).toBe('');
  return documents;
}

async function lastBytesRead(source: TextSource): Promise<number> {
  let bytesRead = 0;
  for await (const piece of source.pieces()) {
    expect(piece.bytesRead).toBeGreaterThanOrEqual(bytesRead);
    bytesRead = piece.bytesRead;
  }
  return bytesRead;
}

async function* bytesOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

describe('a text file', () => {
  it('is one document, and knows its size', async () => {
    const source = textFile(await disk({ '/a.txt': '第一章\nTo be, or not to be 😀\n' }), '/a.txt');
    expect(await documentsOf(source)).toEqual(['第一章\nTo be, or not to be 😀\n']);
    expect(await lastBytesRead(source)).toBe(await source.totalBytes());
  });

  it('is refused when it is empty, even behind a byte order mark', async () => {
    for (const content of ['', '\ufeff']) {
      const source = textFile(await disk({ '/a.txt': content }), '/a.txt');
      await expect(documentsOf(source)).rejects.toMatchObject({
        message: '"/a.txt" is empty. Give some text.',
        code: 'data',
        fields: { path: '/a.txt' },
      });
    }
  });

  it('is refused when it is binary', async () => {
    const source = textFile(await disk({ '/a.txt': Uint8Array.of(0x89, 0x50, 0x4e, 0x47) }), '/a.txt');
    await expect(documentsOf(source)).rejects.toMatchObject({
      code: 'data',
      fields: { path: '/a.txt', byteOffset: 0 },
    });
  });
});

describe('a folder', () => {
  const contents = {
    '/data/b.txt': 'bee',
    '/data/a/z.md': 'zed',
    '/data/a/a.txt': 'ah',
    '/data/empty.txt': '',
    '/data/.hidden.txt': 'no',
    '/data/.git/x.txt': 'no',
    '/data/picture.png': Uint8Array.of(0),
    '/data/story.rst': 'rest',
  };

  it('is its text files and those below, in order, one document each', async () => {
    const source = folder(await disk(contents), '/data/');
    expect(await documentsOf(source)).toEqual(['ah', 'zed', 'bee']);
    expect(await source.totalBytes()).toBe(8);
    expect(await lastBytesRead(source)).toBe(8);
  });

  it('reads the extensions that are named', async () => {
    expect(await documentsOf(folder(await disk(contents), '/data', ['.rst']))).toEqual(['rest']);
  });

  it('is refused when nothing in it is text, naming the extensions', async () => {
    const source = folder(await disk(contents), '/data', ['.tex', '.org']);
    await expect(documentsOf(source)).rejects.toThrow(/"\/data" holds no text.*\.tex or \.org/);
  });

  it('names the file that is not text', async () => {
    const source = folder(await disk({ '/d/a.txt': 'good', '/d/b.txt': Uint8Array.of(0x61, 0) }), '/d');
    await expect(documentsOf(source)).rejects.toMatchObject({ fields: { path: '/d/b.txt', byteOffset: 1 } });
  });
});

async function readJsonl(content: string, field = 'text'): Promise<string[]> {
  return documentsOf(textField(jsonl(await disk({ '/a.jsonl': content }), '/a.jsonl'), field));
}

describe('a JSONL file', () => {
  it('is the named field of every line', async () => {
    const lines = '{"text":"one\\nline","id":1}\r\n\n  \n{"id":2,"text":"二 😀"}\n{"text":""}';
    expect(await readJsonl(lines)).toEqual(['one\nline', '二 😀', '']);
    expect(await readJsonl('{"body":"x"}\n', 'body')).toEqual(['x']);
  });

  it.each([
    ['{"text":"a"}\n{"text":', 2, /^Line 2 of "\/a\.jsonl" is not JSON: /],
    ['\n\n["text"]\n', 3, /is not a JSON object/],
    ['{"text":"a"}\n\n42', 3, /is not a JSON object/],
    ['{"text":"a"}\n{"txt":"b"}', 2, /has no field "text"\. Did you mean "txt"\?.*--field/],
    ['{}', 1, /has no field "text"\. It has no fields\./],
    ['{"text":null}', 1, /has a field "text" that is null, and text was expected/],
    ['{"text":["a"]}', 1, /is object/],
  ])('says file and line of a bad line: %j', async (content, line, message) => {
    await expect(readJsonl(content)).rejects.toMatchObject({
      code: 'data',
      message: expect.stringMatching(message),
      fields: { path: '/a.jsonl', line },
    });
  });

  it('is refused when it holds no record', async () => {
    await expect(readJsonl('\n \n')).rejects.toThrow('"/a.jsonl" is empty');
  });

  it('finds the line that is bad among many, wherever the bytes are cut', async () => {
    const lines = Array.from({ length: 200 }, (_, i) => JSON.stringify({ text: '字'.repeat(i % 7) }));
    for (const bad of [0, 57, 199]) {
      const broken = lines.map((line, i) => (i === bad ? line.slice(1) : line)).join('\n');
      await expect(readJsonl(broken)).rejects.toMatchObject({ fields: { line: bad + 1 } });
    }
  });
});

async function* brokenOff(): AsyncGenerator<Uint8Array> {
  yield* bytesOf('one');
  throw new Error('gone');
}

describe('a stream', () => {
  it('is one document that can be read once', async () => {
    const source = textStream(bytesOf('one ', 'two'), 'standard input');
    expect(await source.totalBytes()).toBeUndefined();
    expect(await documentsOf(source)).toEqual(['one two']);
    await expect(documentsOf(source)).rejects.toThrow('"standard input" can be read only once');
  });

  it('can be read again once it is spooled', async () => {
    const files = await disk({ '/run/config.json': '{}' });
    const source = await spool(files, '/run/text.txt', bytesOf('one ', 'two'));
    expect(await documentsOf(source)).toEqual(['one two']);
    expect(await documentsOf(source)).toEqual(['one two']);
  });

  it('leaves no file when it breaks off', async () => {
    const files = await disk({ '/run/config.json': '{}' });
    await expect(spool(files, '/run/text.txt', brokenOff())).rejects.toThrow('gone');
    expect(await files.list('/run')).toEqual(['config.json']);
  });
});

it('textsOf gives the text alone', async () => {
  const texts: string[] = [];
  for await (const text of textsOf(folder(await disk({ '/d/a.txt': 'one', '/d/b.txt': 'two' }), '/d')))
    texts.push(text);
  expect(texts).toEqual(['one', 'two']);
});

describe('openSource', () => {
  it('knows a folder, a JSONL file and a text file', async () => {
    const files = await disk({ '/d/a.txt': 'text', '/r.jsonl': '{"q":"question"}', '/plain': 'plain' });
    expect(await documentsOf(await openSource(files, '/d'))).toEqual(['text']);
    expect(await documentsOf(await openSource(files, '/r.jsonl', { field: 'q' }))).toEqual(['question']);
    expect(await documentsOf(await openSource(files, '/plain'))).toEqual(['plain']);
  });

  it('says that nothing is there', async () => {
    await expect(openSource(memoryFiles(), '/nowhere.txt')).rejects.toMatchObject({
      message: 'There is no data at "/nowhere.txt". Check the path.',
      code: 'data',
    });
  });
});
