import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Archive } from '../archive.js';
import { openArchive } from '../open.js';
import { openPgliteInMemory } from '../store/pglite.js';
import { benchLocomo } from './locomo.js';
import { readLocomo } from './locomo-data.js';

const data = new URL('../../../../shared/data/locomo/locomo3.json.gz', import.meta.url);
const reason = existsSync(data) ? '' : ' (skipped: shared/data/locomo is absent)';

describe.skipIf(reason !== '')(`LoCoMo${reason}`, () => {
  let archive: Archive;
  beforeAll(async () => {
    archive = await openArchive({ store: await openPgliteInMemory({ thread: 'main' }) });
  });
  afterAll(() => archive.close());

  test('without an embedder the archive finds clearly more evidence than BM25', async () => {
    const report = await benchLocomo(archive, JSON.parse(gunzipSync(readFileSync(data)).toString()));
    expect(report['recall@10']).toBeGreaterThan(report.baseline['recall@10'] + 0.05);
  });
});

const turn = (id: string): object => ({ speaker: 'A', dia_id: id, text: 'hello' });

test('evidence that names several turns is split, and turns that do not exist are dropped', () => {
  const [conversation] = readLocomo([
    {
      conversation: {
        session_1: [turn('D1:1'), turn('D1:2')],
        session_1_date_time: '1:56 pm on 8 May, 2023',
      },
      qa: [
        { question: 'one?', evidence: ['D1:1; D1:2', 'D9:9'], category: 4 },
        { question: 'adversarial?', evidence: ['D1:1'], category: 5 },
      ],
    },
  ]);
  expect(conversation?.questions).toEqual([
    { question: 'one?', category: 'singleHop', evidence: ['D1:1', 'D1:2'] },
  ]);
  expect(conversation?.turns[0]?.time.toISOString()).toBe('2023-05-08T13:56:00.000Z');
});

test('another JSON is refused', () => {
  expect(() => readLocomo([{ a: 1 }])).toThrow(/not LoCoMo's JSON/);
});
