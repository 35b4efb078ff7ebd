import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../core/errors.js';
import { memoryFiles } from '../testing/memory-files.js';
import { classBalance, LabelSet, stratifiedSplit } from './labels.js';
import { openRecords } from './open-records.js';
import { describeRows, readRows, type RowOptions } from './rows.js';

async function read(path: string, content: string, options: Partial<RowOptions> = {}) {
  const files = memoryFiles();
  await files.writeAtomic(path, content);
  return readRows(await openRecords(files, path), {
    columns: { text: 'review', label: 'stars' },
    ...options,
  });
}

describe('rows', () => {
  it('hold what the columns say by their roles', async () => {
    const { rows } = await read('/a.csv', 'stars,review,x\n5,good,1\n1,bad,2\n');
    expect(rows).toEqual([
      { values: { text: 'good', label: '5' }, line: 2 },
      { values: { text: 'bad', label: '1' }, line: 3 },
    ]);
  });

  it('put several columns together, lists and numbers too', async () => {
    const columns = { text: ['history', 'question'], label: 'n' };
    const { rows } = await read('/a.jsonl', '{"history":["hi","you"],"question":"why?","n":3}\n', {
      columns,
    });
    expect(rows[0]?.values).toEqual({ text: 'hi\nyou\nwhy?', label: '3' });
  });

  it('count empty and repeated rows', async () => {
    const content = 'stars,review\n5,good\n\n5, \n1,bad\n5,good\n,bad\n5,good\n';
    const { rows, report } = await read('/a.csv', content);
    expect(rows.length).toBe(4);
    expect(report).toEqual({
      name: '/a.csv',
      rows: 4,
      empty: 3,
      duplicates: 2,
      bad: 0,
      problems: [],
      badLines: [],
    });
    const dropped = await read('/a.csv', content, { duplicates: 'drop' });
    expect(dropped.report).toMatchObject({ rows: 2, duplicates: 2 });
    expect(describeRows(dropped.report)).toBe('2 rows of /a.csv, 3 empty rows left out, 2 duplicates');
  });

  it('count bad records when they are skipped', async () => {
    const content = '{"review":"a","stars":1}\nno\n{"review":{},"stars":1}\n{"stars":1}\n';
    const { rows, report } = await read('/a.jsonl', content, { skipBad: true });
    expect(rows.length).toBe(1);
    expect(report).toMatchObject({ rows: 1, bad: 3 });
    expect(report.problems[1]).toMatch(/Line 3 .* holds an object in the column "review"/);
    expect(describeRows(report)).toMatch(
      /^1 row of \/a\.jsonl, 3 bad rows skipped: 2, 3, 4 \(the first: Line 2/,
    );
    await expect(read('/a.jsonl', content)).rejects.toMatchObject({ fields: { line: 2 } });
  });

  it.each([false, true])(
    'name the columns that there are when one is missing, skipping bad records: %s',
    async (skipBad) => {
      await expect(read('/a.csv', 'stars,reviews\n5,good\n', { skipBad })).rejects.toMatchObject({
        code: 'data',
        message: expect.stringMatching(
          /no column "review" for the text\. It has: "stars", "reviews"\. Did you mean "reviews"\?/,
        ),
        fields: { column: 'review', found: ['stars', 'reviews'] },
      });
    },
  );

  it('let an optional column be missing or empty', async () => {
    const columns = { text: 'review', context: 'title' };
    const { rows } = await read('/a.jsonl', '{"review":"a"}\n{"review":"b","title":null}\n', {
      columns,
      optional: ['context'],
    });
    expect(rows.map(({ values }) => values['context'])).toEqual(['', '']);
  });

  it('are refused when none is left, or no column is named', async () => {
    await expect(read('/a.csv', 'stars,review\n,\n')).rejects.toThrow(/no row with text .* 1 are empty/);
    await expect(read('/a.csv', 'stars,review\n1,2\n', { columns: {} })).rejects.toThrow(ConfigError);
  });
});

describe('labels', () => {
  it('are counted, the most frequent first', () => {
    expect(classBalance(['b', 'a', 'c', 'b'])).toEqual([
      { label: 'b', count: 2, share: 0.5 },
      { label: 'a', count: 1, share: 0.25 },
      { label: 'c', count: 1, share: 0.25 },
    ]);
  });

  it('say which one training never saw', () => {
    const labels = LabelSet.of(['positive', 'negative', 'positive']);
    expect(labels.labels).toEqual(['negative', 'positive']);
    expect(labels.indexOf('positive', 'line 1')).toBe(1);
    expect(() => labels.indexOf('postive', 'line 7 of "test.csv"')).toThrow(DataError);
    expect(() => labels.indexOf('postive', 'line 7 of "test.csv"')).toThrow(
      /"postive" in line 7 .* Did you mean "positive"\?/,
    );
    expect(() => LabelSet.of(['one'])).toThrow(/at least two/);
  });

  it('are split alike, each example once, the same for the same seed', () => {
    const anyLabels = fc.array(fc.constantFrom('a', 'a', 'a', 'b', 'b', 'c'), { maxLength: 200 });
    fc.assert(
      fc.property(
        anyLabels,
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.nat(),
        (labels, fraction, seed) => {
          const { train, held } = stratifiedSplit(labels, fraction, seed);
          expect([...train, ...held].sort((a, b) => a - b)).toEqual(labels.map((_, i) => i));
          expect(stratifiedSplit(labels, fraction, seed)).toEqual({ train, held });
          for (const { label, count } of classBalance(labels)) {
            const taken = held.filter((i) => labels[i] === label).length;
            expect(Math.abs(taken - count * fraction)).toBeLessThanOrEqual(1);
            expect(taken).toBeLessThan(count);
          }
        },
      ),
    );
  });

  it('are split by exactly the fraction, differently for another seed', () => {
    const labels = Array.from({ length: 1000 }, (_, i) => (i % 3 === 0 ? 'x' : 'y'));
    const { held } = stratifiedSplit(labels, 0.2, 0);
    expect(held.length).toBe(200);
    expect(held.filter((i) => i % 3 === 0).length).toBe(67);
    expect(stratifiedSplit(labels, 0.2, 1).held).not.toEqual(held);
    expect(() => stratifiedSplit(labels, 1, 0)).toThrow(ConfigError);
  });
});
