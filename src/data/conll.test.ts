import { describe, expect, it } from 'vitest';
import { DataError } from '../core/errors.js';
import { memoryFiles } from '../testing/memory-files.js';
import { openRecords } from './open-records.js';
import type { DataRecord } from './source.js';

async function recordsOf(text: string, onBad?: (problem: DataError) => void): Promise<DataRecord[]> {
  const files = memoryFiles();
  await files.writeAtomic('/a.conll', text);
  const records: DataRecord[] = [];
  for await (const record of (await openRecords(files, '/a.conll')).records(onBad && { onBad }))
    records.push(record);
  return records;
}

describe('CoNLL files', () => {
  it('hold a sentence between empty lines: first column the word, last column its label', async () => {
    const text = '-DOCSTART- -X- O\n\nAnna NNP B-PER\nruft VB O\n\n\n北 B-LOC\n京 I-LOC\n';
    expect((await recordsOf(text)).map(({ values, line }) => [line, values])).toEqual([
      [3, { tokens: ['Anna', 'ruft'], labels: ['B-PER', 'O'] }],
      [7, { tokens: ['北', '京'], labels: ['B-LOC', 'I-LOC'] }],
    ]);
  });

  it('say which line has no label, or pass over it', async () => {
    await expect(recordsOf('Anna B-PER\nruft\n')).rejects.toThrow('Line 2 of "/a.conll" has one field');
    const problems: DataError[] = [];
    const [record] = await recordsOf('Anna B-PER\nruft\n', (problem) => problems.push(problem));
    expect(record?.values).toEqual({ tokens: ['Anna'], labels: ['B-PER'] });
    expect(problems).toHaveLength(1);
  });

  it('must not be empty', async () => {
    await expect(recordsOf('\n\n')).rejects.toThrow('is empty');
  });
});
