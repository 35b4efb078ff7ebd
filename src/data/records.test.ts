// Every kind of table, on a disk in memory that hands out seven bytes at a time.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sharedText } from '../../test/support/native-tokenizers.js';
import type { Files } from '../core/files.js';
import { files as nodeFiles } from '../core/files.node.js';
import { memoryFiles } from '../testing/memory-files.js';
import type { DelimitedOptions } from './delimited.js';
import { openRecords } from './open-records.js';
import { parallelText } from './parallel.js';
import type { DataRecord, RecordSource } from './source.js';

async function disk(contents: Readonly<Record<string, string | Uint8Array>>): Promise<Files> {
  const files = memoryFiles();
  for (const [path, content] of Object.entries(contents)) await files.writeAtomic(path, content);
  return files;
}

async function recordsOf(source: RecordSource, problems?: string[]): Promise<DataRecord[]> {
  const records: DataRecord[] = [];
  const options =
    problems === undefined ? {} : { onBad: ({ message }: Error) => void problems.push(message) };
  for await (const record of source.records(options)) records.push(record);
  return records;
}

async function read(
  path: string,
  content: string | Uint8Array,
  options: DelimitedOptions = {},
  problems?: string[],
) {
  return recordsOf(await openRecords(await disk({ [path]: content }), path, options), problems);
}

/** Line and values of each record, in short. */
const short = (records: readonly DataRecord[]): unknown[] =>
  records.map(({ line, values }) => [line, ...Object.values(values)]);

describe('a CSV or TSV file', () => {
  it.each<[string, string, string, DelimitedOptions, unknown[]]>([
    [
      'plain',
      '/a.csv',
      'a,b\n1,x\n2,y\n',
      {},
      [
        [2, '1', 'x'],
        [3, '2', 'y'],
      ],
    ],
    ['without a last line feed', '/a.csv', 'a,b\n1,x', {}, [[2, '1', 'x']]],
    ['with CRLF', '/a.csv', 'a,b\r\n1,x\r\n', {}, [[2, '1', 'x']]],
    ['with a byte order mark', '/a.csv', '\ufeffa,b\n1,x\n', {}, [[2, '1', 'x']]],
    ['with quotes', '/a.csv', 'a,b\n"1,5","say ""hi"""\n', {}, [[2, '1,5', 'say "hi"']]],
    [
      'with line breaks in quotes',
      '/a.csv',
      'a,b\n"one\ntwo\n",x\n3,y\n',
      {},
      [
        [2, 'one\ntwo\n', 'x'],
        [5, '3', 'y'],
      ],
    ],
    ['with a quote inside of a field', '/a.csv', 'a,b\n5" wide,x\n', {}, [[2, '5" wide', 'x']]],
    ['with semicolons', '/a.csv', 'a;b\n1,5;x\n', {}, [[2, '1,5', 'x']]],
    ['with another separator', '/a.csv', 'a::b\n1::x\n', { delimiter: '::' }, [[2, '1', 'x']]],
    ['with tabs and quotes that mean nothing', '/a.tsv', 'a\tb\n"one\t1\n', {}, [[2, '"one', '1']]],
    [
      'with tabs and quotes that mean something',
      '/a.tab',
      'a\tb\n"one\ttwo"\t1\n',
      { quote: '"' },
      [[2, 'one\ttwo', '1']],
    ],
    [
      'without a header',
      '/a.tsv',
      'one long\t0\nif you\t1\n',
      { header: false },
      [
        [1, 'one long', '0'],
        [2, 'if you', '1'],
      ],
    ],
    [
      'with one column and an empty field',
      '/a.csv',
      'text\none\n\ntwo\n',
      {},
      [
        [2, 'one'],
        [3, ''],
        [4, 'two'],
      ],
    ],
    ['with blank lines', '/a.csv', '\na,b\n\n1,x\n', {}, [[3], [4, '1', 'x']]],
    ['with emoji and Chinese', '/a.csv', 'a,b\n😀,更大\n', {}, [[2, '😀', '更大']]],
  ])('%s', async (_name, path, content, options, expected) => {
    expect(short(await read(path, content, options))).toEqual(expected);
    const packed = await read(`${path}.gz`, gzipSync(content), options);
    expect(short(packed)).toEqual(expected);
  });

  it('names columns by their number where they have no name or that of another', async () => {
    const [record] = await read('/a.csv', 'text,,text\n1,2,3\n');
    expect(record?.values).toEqual({ text: '1', '2': '2', 'text.3': '3' });
    expect((await read('/a.csv', '1,2\n', { header: false }))[0]?.values).toEqual({ '1': '1', '2': '2' });
  });

  it.each<[string, string | Uint8Array, object, RegExp]>([
    [
      'too many fields',
      'a,b\n1,x\n2,y,z\n',
      { line: 3, found: 3, expected: 2 },
      /Line 3 of "\/a\.csv" has 3 fields, too many for the 2 columns "a", "b"/,
    ],
    ['too many fields behind line breaks in quotes', 'a,b\n"1\n\n",x\n2,y,z\n', { line: 5 }, /too many/],
    ['too few fields', 'a,b\n1\n', { line: 2, found: 1 }, /too few/],
    [
      'a quote that is never closed',
      'a,b\n1,x\n"2,y\n3,z\n',
      { line: 3 },
      /line 3 .* opens a quote that is never closed/,
    ],
    ['nothing', '', {}, /is empty/],
    [
      'a byte that is not text',
      Uint8Array.from([...Buffer.from('a,b\n1,'), 0x81, 0x0a]),
      { byteOffset: 6, encoding: 'utf-8' },
      /at byte 6/,
    ],
  ])('says what is wrong: %s', async (_name, content, fields, message) => {
    await expect(read('/a.csv', content)).rejects.toMatchObject({
      code: 'data',
      message: expect.stringMatching(message),
      fields: { path: '/a.csv', ...fields },
    });
  });

  it('goes on behind bad records when told to, and tells of each', async () => {
    const content = Buffer.concat([
      Buffer.from('a,b\n1,x\n2,y,z\n3,'),
      Buffer.of(0x81),
      Buffer.from('\n"4\n",x\n5\n6,x\n'),
    ]);
    const problems: string[] = [];
    expect(short(await read('/a.csv', content, {}, problems))).toEqual([
      [2, '1', 'x'],
      [5, '4\n', 'x'],
      [8, '6', 'x'],
    ]);
    expect(problems).toEqual([
      expect.stringContaining('Line 3'),
      expect.stringContaining('at byte 16'),
      expect.stringContaining('Line 7'),
    ]);
  });

  it('is read in the encoding that is named or detected', async () => {
    const gb = Buffer.concat([Buffer.from('a,b\n'), Buffer.of(0xc4, 0xe3, 0xba, 0xc3), Buffer.from(',x\n')]);
    expect(short(await read('/a.csv', gb))).toEqual([[2, '你好', 'x']]);
    expect(short(await read('/a.csv', gb, { encoding: 'latin1' }))).toEqual([[2, 'ÄãºÃ', 'x']]);
    await expect(read('/a.csv', gb, { encoding: 'utf-8' })).rejects.toMatchObject({
      fields: { byteOffset: 4 },
    });
    await expect(read('/a.csv', gb, { encoding: 'utf-77' })).rejects.toThrow(/no text encoding "utf-77"/);
  });

  it.for([
    { name: 'banking77/train.csv.gz', options: {}, count: 10_003, columns: ['text', 'category'] },
    { name: 'sst2/train.tsv', options: { header: false }, count: 6920, columns: ['1', '2'] },
    {
      name: 'zh_sentiment/ChnSentiCorp_htl_all.csv.gz',
      options: {},
      count: 7766,
      columns: ['label', 'review'],
    },
    { name: 'financial_phrasebank/all-data.csv.gz', options: {}, count: 4846, columns: ['label', 'news'] },
  ])('reads $name', async ({ name, options, count, columns }, { skip }) => {
    const { present } = sharedText(name);
    skip(!present, `../shared/data/${name} is not there`);
    const path = fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url));
    const records = await recordsOf(await openRecords(nodeFiles, path, options));
    expect(records.length).toBe(count);
    expect(Object.keys(records[0]?.values ?? {})).toEqual(columns);
  });
});

describe('a JSONL file', () => {
  it('may hold dictionaries as Python prints them', async () => {
    expect(short(await read('/a.jsonl', `{"a": "x"}\n{'a': "it's", 'b': None}\n`))).toEqual([
      [1, 'x'],
      [2, "it's", null],
    ]);
    await expect(read('/a.jsonl', `{'a': x}\n`)).rejects.toThrow(/Line 1 .* is not JSON/);
  });

  it('reads DialogSum', async ({ skip }) => {
    const { present } = sharedText('dialogsum/dialogsum.train.jsonl.gz');
    skip(!present, '../shared/data/dialogsum is not there');
    const path = fileURLToPath(
      new URL('../../../shared/data/dialogsum/dialogsum.train.jsonl.gz', import.meta.url),
    );
    const records = await recordsOf(await openRecords(nodeFiles, path));
    expect(records.length).toBe(12_460);
    expect(records.every(({ values }) => String(values['dialogue']).includes('#Person1#'))).toBe(true);
  });

  it('goes on behind bad lines when told to, and tells of each', async () => {
    const problems: string[] = [];
    const records = await read('/a.jsonl', '{"a":1}\n{"a":\n[2]\n\n{"a":3}\n', {}, problems);
    expect(short(records)).toEqual([
      [1, 1],
      [5, 3],
    ]);
    expect(problems).toEqual([
      expect.stringMatching(/Line 2 .* is not JSON/),
      expect.stringMatching(/Line 3 .* not a JSON object/),
    ]);
  });
});

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../test/fixtures/parquet/${name}`, import.meta.url));

describe('a Parquet file', () => {
  it.each(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4'])(
    'gives the rows that were written: %s',
    async (compression) => {
      const records = await read('/a.parquet', fixture(`${compression}.parquet`));
      expect(records.map(({ values }) => values)).toEqual(JSON.parse(fixture('rows.json').toString()));
      expect(records.map(({ line }) => line)).toEqual(records.map((_, i) => i + 1));
    },
  );

  it('says that it is damaged, no Parquet at all, or without rows', async () => {
    await expect(read('/a.parquet', fixture('zstd.parquet').subarray(0, 2000))).rejects.toThrow(
      /cannot be read as Parquet/,
    );
    await expect(read('/a.parquet', 'a,b\n1,2\n')).rejects.toMatchObject({
      code: 'data',
      fields: { path: '/a.parquet' },
    });
    await expect(read('/a.parquet', fixture('no-rows.parquet'))).rejects.toThrow(/has no rows/);
  });
});

describe('parallel text files', () => {
  const pair = async (source: string, target: string, problems?: string[]) =>
    recordsOf(
      parallelText(await disk({ '/a.en': source, '/a.de': target }), { source: '/a.en', target: '/a.de' }),
      problems,
    );

  it('are read line by line', async () => {
    expect(short(await pair('one\r\ntwo\n\n', 'eins\nzwei\ndrei'))).toEqual([
      [1, 'one', 'eins'],
      [2, 'two', 'zwei'],
      [3, '', 'drei'],
    ]);
  });

  it('are refused when they are of unequal length or empty, with their lengths', async () => {
    await expect(pair('a\nb\nc\n', 'a\n')).rejects.toMatchObject({
      message: expect.stringContaining('"/a.en" has 3 lines, "/a.de" has 1 lines'),
      fields: { lengths: { '/a.en': 3, '/a.de': 1 } },
    });
    await expect(pair('', '')).rejects.toThrow(/are empty/);
  });

  it('pass over lines that are no text when told to', async () => {
    const files = await disk({ '/a': Uint8Array.of(0x61, 0x0a, 0x81, 0x0a, 0x62, 0x0a), '/b': 'x\ny\nz\n' });
    const source = parallelText(files, { source: '/a', target: '/b' });
    await expect(recordsOf(source)).rejects.toMatchObject({ fields: { path: '/a', byteOffset: 2 } });
    const problems: string[] = [];
    expect(short(await recordsOf(source, problems))).toEqual([
      [1, 'a', 'x'],
      [3, 'b', 'z'],
    ]);
    expect(problems.length).toBe(1);
  });
});

it('a table that is not there, or of unknown kind, is refused', async () => {
  const files = await disk({ '/a.xlsx': 'PK' });
  await expect(openRecords(files, '/b.csv')).rejects.toThrow(/no data at "\/b\.csv"/);
  await expect(openRecords(files, '/a.xlsx')).rejects.toThrow(/\.csv, \.tsv, \.jsonl/);
  await expect(read('/a.csv.gz', 'not packed')).rejects.toThrow(/cannot be unpacked/);
});
