import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../core/errors.js';
import { decodeText } from './decode.js';
import { detectEncoding, encodingNamed } from './encoding.js';
import { readLines } from './lines.js';

/** Encoded by iconv of the C library, where it is installed. */
function iconv(text: string, encoding: string): Uint8Array {
  return execFileSync('iconv', ['-f', 'utf-8', '-t', encoding], { input: text });
}
const hasIconv = ((): boolean => {
  try {
    return iconv('a', 'gb18030').length === 1;
  } catch {
    return false;
  }
})();

const german = 'Die Größe der Übung überrascht: „schön“ – für 5 €. Viele Grüße!\n'.repeat(3);
const french = 'L’été où j’étais déjà à Nîmes, ça coûtait 3 £ à Noël.\n';
const chinese = '距离川沙公路较近，但是公交指示不对，建议用别的路线。房间较为简单。\n';
const english = 'Plain text, nothing above ASCII.\n';

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

async function textOf(bytes: Uint8Array, encoding: string, size: number): Promise<string> {
  let all = '';
  for await (const { text } of decodeText(cut(bytes, size), 'a.txt', encoding)) all += text;
  return all;
}

describe('encodings', () => {
  it.skipIf(!hasIconv).each([
    [english, 'ascii', 'utf-8'],
    [chinese, 'utf-8', 'utf-8'],
    [german, 'windows-1252', 'windows-1252'],
    [french, 'windows-1252', 'windows-1252'],
    ['Grüße', 'iso-8859-1', 'windows-1252'],
    ['caf\u00e9', 'iso-8859-1', 'windows-1252'],
    [chinese, 'gb18030', 'gb18030'],
    [chinese, 'gb2312', 'gb18030'],
    [`label,review\n1,"${chinese}"\n`, 'gbk', 'gb18030'],
    ['你好', 'gb18030', 'gb18030'],
    [german + chinese, 'utf-16', 'utf-16le'],
    [english, 'utf-16le', 'utf-16le'],
    [english, 'utf-16be', 'utf-16be'],
  ])('detects %j in %s', async (text, written, detected) => {
    const bytes = iconv(text, written);
    expect(detectEncoding(bytes)).toBe(detected);
    for (const size of [1, 2, 3, 5, 1000]) expect(await textOf(bytes, detected, size)).toBe(text);
    const lines: string[] = [];
    for await (const line of readLines(cut(bytes, 7), 'a.txt', detected)) lines.push(line.text);
    expect(lines).toEqual(text.replace(/\n$/, '').split('\n'));
  });

  it.skipIf(!hasIconv).each(['big5', 'windows-1251', 'shift_jis'])(
    'leaves %s to be named',
    async (encoding) => {
      const text =
        { big5: '距離很近，房間簡單。', 'windows-1251': 'Привет, как дела?', shift_jis: 'こんにちは、世界' }[
          encoding
        ] ?? '';
      const bytes = iconv(text, encoding);
      expect(detectEncoding(bytes)).toBe('utf-8');
      expect(await textOf(bytes, encoding, 3)).toBe(text);
    },
  );

  it('detects what is cut off in the middle of a character, unless the text ends there', () => {
    const bytes = new TextEncoder().encode('你好').subarray(0, 5);
    expect(detectEncoding(bytes, false)).toBe('utf-8');
    expect(detectEncoding(Uint8Array.of(0x63, 0x61, 0x66, 0xe9), true)).toBe('windows-1252');
    expect(detectEncoding(Uint8Array.of(0x89, 0x50, 0x4e, 0x47))).toBe('utf-8');
  });

  it('are known by all of their names', () => {
    expect(['latin1', 'ISO-8859-1', 'GB18030', 'gb2312', 'UTF8', 'utf-16'].map(encodingNamed)).toEqual([
      'windows-1252',
      'windows-1252',
      'gb18030',
      'gbk',
      'utf-8',
      'utf-16le',
    ]);
    for (const name of ['utf-9', 'iso-2022-jp', '']) expect(() => encodingNamed(name)).toThrow(ConfigError);
  });

  it.each([
    ['gb18030', [0x61, 0xc4, 0xe3, 0xff, 0x61], 3],
    ['gb18030', [0x61, 0xc4], 1],
    ['utf-8', [0x61, 0xe4, 0xbd, 0x41], 1],
    ['utf-16le', [0x61, 0x00, 0x00, 0xd8, 0x61, 0x00], 2],
    ['windows-1252', [0x61, 0xe9, 0x00], 2],
  ])('say at which byte text is not %s: %j', async (encoding, bytes, byteOffset) => {
    for (const size of [1, 2, 100]) {
      const failed = textOf(Uint8Array.from(bytes), encoding, size);
      await expect(failed).rejects.toMatchObject({ code: 'data', fields: { path: 'a.txt', byteOffset } });
    }
  });

  it('find the wrong byte wherever it is', async () => {
    const good = [0xb0, 0xa1, 0x0a, 0x41, 0x81, 0x30, 0x81, 0x30];
    await fc.assert(
      fc.asyncProperty(fc.nat(60), fc.integer({ min: 1, max: 9 }), async (repeats, size) => {
        const before = Array.from({ length: repeats }, () => good).flat();
        const bytes = Uint8Array.from([...before, 0xff, 0x41, ...good]);
        await expect(textOf(bytes, 'gb18030', size)).rejects.toMatchObject({
          fields: { byteOffset: before.length },
        });
        const bad: (number | undefined)[] = [];
        for await (const { problem, line } of readLines(cut(bytes, size), 'a.txt', 'gb18030')) {
          if (problem === undefined) continue;
          expect(problem).toBeInstanceOf(DataError);
          bad.push(line, problem.fields['byteOffset'] as number);
        }
        expect(bad).toEqual([repeats + 1, before.length]);
      }),
      { numRuns: 50 },
    );
  });
});
