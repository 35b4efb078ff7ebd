import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Files } from '../core/files.js';
import { DataError } from '../core/errors.js';
import { memoryFiles } from '../testing/memory-files.js';
import { parseBabi, readBabiTask, wordsOf } from './babi.js';

const twoFacts = [
  '1 Mary got the football there.',
  '2 John went to the kitchen.',
  '3 Mary went back to the garden.',
  '4 Where is the football? \tgarden\t1 3',
  '5 Mary dropped the football.',
  '6 Where is the football?\tgarden\t5 3',
  '1 Sandra took the milk.',
  '2 What is Sandra carrying?\tmilk,football\t1',
  '',
].join('\r\n');

describe('parseBabi', () => {
  it('gives each question the sentences told before it, without the questions in between', () => {
    const [first, second, third] = parseBabi(twoFacts, 'qa2.txt');
    expect(first).toEqual({
      sentences: [
        ['mary', 'got', 'the', 'football', 'there'],
        ['john', 'went', 'to', 'the', 'kitchen'],
        ['mary', 'went', 'back', 'to', 'the', 'garden'],
      ],
      question: ['where', 'is', 'the', 'football'],
      answer: 'garden',
      supportingFacts: [0, 2],
      story: 0,
      line: 4,
    });
    expect(second?.sentences).toHaveLength(4);
    expect(second?.supportingFacts, 'line 5 is the fourth sentence').toEqual([3, 2]);
    expect(third).toMatchObject({ story: 1, answer: 'milk,football', supportingFacts: [0], line: 8 });
    expect(third?.sentences).toHaveLength(1);
  });

  it('keeps answers of several words and takes questions without supporting facts', () => {
    const [path] = parseBabi('1 The office is east of the hallway.\n2 How do you go?\tn,w\n', 'qa19.txt');
    expect(path).toMatchObject({ answer: 'n,w', supportingFacts: [] });
  });

  it.each([
    ['a line without a number', 'Mary went home.', 1, 'does not begin with a number and a sentence'],
    ['a number alone', '1 Mary went home.\n2', 2, 'does not begin with a number and a sentence'],
    [
      'a file that begins in the middle',
      '2 Mary went home.',
      1,
      'has number 2, where 1 (a new story) must stand',
    ],
    ['a gap', '1 A b.\n3 C d.', 2, 'has number 3, where 1 (a new story) or 2 must stand'],
    ['no answer', '1 A b.\n2 Where is a?\t\t1', 2, 'has no answer behind the first tab'],
    ['no question', '1 A b.\n2 ?\tkitchen\t1', 2, 'has no question in front of the first tab'],
    ['too many columns', '1 A b.\n2 Where?\tc\t1\t2', 2, 'has more than three columns'],
    ['a question first', '1 Where?\tkitchen\t', 1, 'asks before anything was told'],
    ['a fact told later', '1 A b.\n2 Where?\tc\t3\n3 D e.', 2, 'names supporting fact "3"'],
    ['a fact that is no number', '1 A b.\n2 Where?\tc\tone', 2, 'names supporting fact "one"'],
    ['a fact in other digits', '1 A b.\n2 Where?\tc\t0x1', 2, 'names supporting fact "0x1"'],
    ['a sentence of punctuation', '1 ...', 1, 'holds no word'],
    ['a question without tabs', '1 A b.\n2 Where is a? b 1', 2, 'asks a question and has no tab behind it'],
  ])('refuses %s, with file and line', (_, text, line, problem) => {
    const parse = (): unknown => parseBabi(text, 'data/qa1.txt');
    expect(parse).toThrow(DataError);
    expect(parse).toThrow(`Line ${line} of "data/qa1.txt" ${problem}`);
    expect(parse).toThrow(expect.objectContaining({ fields: { path: 'data/qa1.txt', line } }));
  });

  it('refuses files without a question', () => {
    expect(() => parseBabi('', 'empty.txt')).toThrow('"empty.txt" holds no question');
    expect(() => parseBabi('1 Mary went home.\n', 'told.txt')).toThrow('"told.txt" holds no question');
  });

  it('splits words at white space and punctuation', () => {
    expect(wordsOf('Is  Gertrude, the mouse, afraid?')).toEqual(['is', 'gertrude', 'the', 'mouse', 'afraid']);
  });
});

describe('readBabiTask', () => {
  const story = '1 Mary went home.\n2 Where is Mary?\thome\t1\n';

  async function disk(folders: readonly string[]): Promise<Files> {
    const files = memoryFiles();
    for (const folder of folders) {
      await files.makeFolder(folder);
      await files.writeAtomic(`${folder}/qa1_single_train.txt`, story.repeat(folder.endsWith('10k') ? 3 : 1));
      await files.writeAtomic(`${folder}/qa1_single_test.txt`, story);
      await files.writeAtomic(`${folder}/qa12_conjunction_train.txt`, story);
    }
    return files;
  }

  it('finds a task in its folder, and from above in the larger data set first', async () => {
    const files = await disk(['babi/en', 'babi/en-10k']);
    const own = await readBabiTask(files, 'babi/en', 1);
    expect(own).toMatchObject({ task: 1, name: 'single' });
    expect([own.train.length, own.test.length]).toEqual([1, 1]);
    expect((await readBabiTask(files, 'babi/', 1)).train).toHaveLength(3);
  });

  it('finds tasks of editions whose files have no names', async () => {
    const files = memoryFiles();
    await files.makeFolder('valid');
    for (const part of ['train', 'test']) await files.writeAtomic(`valid/qa7_${part}.txt`, story);
    expect(await readBabiTask(files, 'valid', 7)).toMatchObject({ task: 7, name: '' });
  });

  it('refuses what is no text, with file and line', async () => {
    const files = await disk(['babi/en']);
    const bytes = Buffer.from('1 Mary went home.\n2 Where is M\u00e1ry?\thome\t1\n', 'latin1');
    await files.writeAtomic('babi/en/qa1_single_test.txt', bytes);
    await expect(readBabiTask(files, 'babi', 1)).rejects.toMatchObject({
      message: expect.stringContaining('Line 2 of "babi/en/qa1_single_test.txt" is no text in UTF-8'),
      fields: { path: 'babi/en/qa1_single_test.txt', line: 2 },
    });
  });

  it('says which tasks there are when one is missing', async () => {
    const files = await disk(['babi/en']);
    await expect(readBabiTask(files, 'babi', 2)).rejects.toThrow('it holds tasks 1, 12');
    await files.makeFolder('none');
    await expect(readBabiTask(files, 'none', 2)).rejects.toThrow('no other task of bAbI');
    await files.makeFolder('packed');
    await files.writeAtomic('packed/babi-en.tar.gz', 'packed');
    await expect(readBabiTask(files, 'packed', 2)).rejects.toThrow(
      'no other task of bAbI, but the archive babi-en.tar.gz: unpack it first',
    );
    await expect(readBabiTask(files, 'missing', 2)).rejects.toThrow('no such file or folder');
  });
});

const archive = new URL('../../../shared/data/babi/babi-en-10k.tar.gz', import.meta.url);

/** A file of a tar archive: headers of 512 bytes with the name at 0 and the size, in octal digits, at 124. */
function fromTar(bytes: Buffer, pattern: RegExp): string | undefined {
  for (let at = 0; at + 512 <= bytes.length;) {
    const field = (start: number, end: number): string =>
      bytes.toString('latin1', at + start, at + end).replace(/\0.*$/s, '');
    const size = Number.parseInt(field(124, 136), 8) || 0;
    if (pattern.test(field(0, 100))) return bytes.toString('utf8', at + 512, at + 512 + size);
    at += 512 * (1 + Math.ceil(size / 512));
  }
  return undefined;
}

describe.skipIf(!existsSync(archive))(
  'the published files (skipped where shared/data/babi is absent)',
  () => {
    it.each([1, 2, 4, 6, 11, 15])('task %i has 10,000 questions that follow from sentences told', (task) => {
      const text = fromTar(gunzipSync(readFileSync(archive)), new RegExp(`qa${task}_.*_train\\.txt$`));
      const questions = parseBabi(text ?? '', `qa${task}`);
      expect(questions).toHaveLength(10_000);
      expect(questions.every(({ supportingFacts }) => supportingFacts.length > 0)).toBe(true);
      const told = questions.every((q) => q.supportingFacts.every((fact) => fact < q.sentences.length));
      expect(told).toBe(true);
    });
  },
);
