import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError, TokenizerError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { memoryFiles } from '../testing/memory-files.js';
import { createTokenFile, openTokenFile } from './token-file.js';

const fingerprint = '00112233445566778899aabbccddeeff0123456789abcdef';

async function written(
  vocabularySize: number,
  ids: readonly number[],
  files = memoryFiles(),
): Promise<Files> {
  const writer = await createTokenFile(files, '/t', { vocabularySize, fingerprint });
  await writer.append(ids.slice(0, 3));
  await writer.append(ids.slice(3));
  await writer.commit(99);
  return files;
}

describe('a token file', () => {
  it.each([
    ['in memory', undefined],
    ['on disk', 0],
  ])('gives back every id from every position, %s', async (_where, inMemoryBytes) => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(2, 256, 2 ** 16, 2 ** 16 + 1, 200_000),
        fc.array(fc.nat(), { minLength: 1 }),
        fc.nat(),
        fc.nat(),
        async (vocabularySize, numbers, from, length) => {
          const ids = numbers.map((number) => number % vocabularySize);
          const files = await written(vocabularySize, ids);
          const tokens = await openTokenFile(
            files,
            '/t',
            inMemoryBytes === undefined ? {} : { inMemoryBytes },
          );
          const start = from % ids.length;
          const target = new Int32Array((length % (ids.length - start)) + 1);
          await tokens.read(start, target);
          expect([...target]).toEqual(ids.slice(start, start + target.length));
          expect(tokens).toMatchObject({ count: ids.length, vocabularySize, fingerprint, textBytes: 99 });
          await tokens.close();
        },
      ),
    );
  });

  it('takes 2 bytes an id up to a vocabulary of 65,536 and 4 above', async () => {
    for (const [vocabularySize, bytes] of [
      [65_536, 48 + 2 * 5 + 24],
      [65_537, 48 + 4 * 5 + 24],
    ] as const) {
      const files = await written(vocabularySize, [1, 2, 3, 4, 5]);
      expect((await files.info('/t'))?.bytes).toBe(bytes);
    }
  });

  it('writes more ids than its buffer holds', async () => {
    const ids = Array.from({ length: 300_000 }, (_, i) => i % 1000);
    const tokens = await openTokenFile(await written(1000, ids), '/t');
    const target = new Int32Array(ids.length);
    await tokens.read(0, target);
    expect(target.every((id, i) => id === i % 1000)).toBe(true);
  });

  it.each([10, -1, 1.5e9, NaN])('refuses the id %d in a vocabulary of 10', async (id) => {
    const writer = await createTokenFile(memoryFiles(), '/t', { vocabularySize: 10, fingerprint });
    await expect(writer.append([3, id])).rejects.toThrow(TokenizerError);
  });

  it('is refused wherever it is cut off', async () => {
    const files = await written(300, [1, 2, 3, 4]);
    const whole = await files.readBytes('/t');
    for (let bytes = 0; bytes < whole.length; bytes++) {
      await files.truncate('/t', bytes);
      await expect(openTokenFile(files, '/t')).rejects.toThrow(DataError);
      await files.writeAtomic('/t', whole);
    }
    await expect(openTokenFile(files, '/t')).resolves.toMatchObject({ count: 4 });
  });

  it('is told from other files and other versions', async () => {
    const files = await written(300, [1]);
    await files.writeAtomic(
      '/text',
      'To be, or not to be, that is the question: whether it is nobler.'.repeat(2),
    );
    await expect(openTokenFile(files, '/text')).rejects.toThrow('"/text" is not a token file');
    const bytes = await files.readBytes('/t');
    bytes[8] = 7;
    await files.writeAtomic('/t', bytes);
    await expect(openTokenFile(files, '/t')).rejects.toThrow('is a token file of version 7, not 1');
  });
});
