// Which rows of a table are used, and which of them validate.
import { describe, expect, it } from 'vitest';
import type { Row } from '../../data/index.js';
import type { TaskDataChoice } from './task-data.js';
import { ConfigError } from '../../core/errors.js';
import { memoryFiles } from '../../testing/memory-files.js';
import { classifyTask } from '../classify/task.js';
import { columnsOf, readTaskData } from './task-data.js';

const files = memoryFiles();
const rows = Array.from({ length: 200 }, (_, i) => ({
  text: `text ${i}`,
  label: i % 4 === 0 ? 'rare' : 'usual',
}));
await files.writeAtomic('/data.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
await files.writeAtomic('/other.jsonl', '{"text":"other","label":"rare"}\n');

function read(choice: Partial<TaskDataChoice>, seed = 1) {
  const data = { data: '/data.jsonl', ...choice };
  return readTaskData(files, classifyTask, columnsOf(classifyTask, data), data, seed);
}

function rare(rows: readonly Row[]): number {
  return rows.filter(({ values }) => values['label'] === 'rare').length;
}

describe('a part of the data', () => {
  it('is of every label alike, validates by a part of itself, and is what the balance tells of', async () => {
    const { rows, report } = await read({ dataFraction: 0.2, validationFraction: 0.1 });
    expect([rows.train.length, rows.validation.length]).toEqual([36, 4]);
    expect([rare(rows.train), rare(rows.validation)]).toEqual([9, 1]);
    expect(new Set([...rows.train, ...rows.validation].map(({ line }) => line)).size).toBe(40);
    expect(report).toMatchObject({ train: { rows: 200 }, trainRows: 36, validationRows: 4 });
    expect(report.balance.map(({ count }) => count)).toEqual([30, 10]);
  });

  it('is drawn by the seed, and leaves rows of their own that validate as they are', async () => {
    const [one, again, other] = await Promise.all(
      [1, 1, 2].map((seed) => read({ dataFraction: 0.2, validation: '/other.jsonl' }, seed)),
    );
    expect(one?.rows).toEqual(again?.rows);
    expect(one?.rows.train).not.toEqual(other?.rows.train);
    expect([one?.rows.train.length, one?.rows.validation.length]).toEqual([40, 1]);
  });

  it('is all of it where nobody says, and never nothing', async () => {
    expect((await read({})).report).toMatchObject({ trainRows: 180, validationRows: 20 });
    await expect(read({ dataFraction: 0 })).rejects.toThrow(ConfigError);
    await expect(read({ dataFraction: 1.5 })).rejects.toThrow('at most 1');
  });
});
