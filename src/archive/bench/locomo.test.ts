import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataError } from '../../core/errors.js';
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

test('what a conversation lacks, or writes in its own way, is read as far as it goes', () => {
  const [conversation] = readLocomo([
    {
      conversation: {
        speaker_a: 'A',
        session_1: [turn('D1:1'), { speaker: 'B', dia_id: 'D1:2', blip_caption: 'a red boat' }],
        session_1_date_time: '12:05 AM on 29 February, 2024',
        session_2: [],
        session_10: [turn('D10:1'), { ...turn('D10:2'), text: '' }],
        session_10_date_time: '12:30 pm on 1 March, 2024',
        session_11_date_time: '1:00 pm on 2 March, 2024',
      },
      qa: [
        { question: 'no evidence?', category: 1 },
        { question: 'empty?', evidence: [], category: 1 },
        { question: 'nothing in it?', evidence: ['D', ''], category: 2 },
        { question: 'written otherwise?', evidence: ['D:1:02 D10:1', 'D10:1.'], category: '3' },
        { question: 'without words?', evidence: 'D10:2', category: 4 },
      ],
    },
  ]);
  expect(conversation?.turns.map(({ id, text, time }) => [id, text, time.toISOString()])).toEqual([
    ['D1:1', 'hello', '2024-02-29T00:05:00.000Z'],
    ['D1:2', '[shares a red boat]', '2024-02-29T00:05:00.000Z'],
    ['D10:1', 'hello', '2024-03-01T12:30:00.000Z'],
  ]);
  expect(conversation?.questions).toEqual([
    { question: 'written otherwise?', category: 'openDomain', evidence: ['D10:1', 'D1:2'] },
  ]);
});

test.each([
  [{ session_1: [turn('D1:1')] }, /the time of session_1 is missing/],
  [{ session_1: [turn('D1:1')], session_1_date_time: 'noon' }, /the time of session_1 is "noon"/],
  [{ session_1: [{ text: 'x' }], session_1_date_time: '1:56 pm on 8 May, 2023' }, /session_1 is no list/],
])('a session that cannot be read is named', (conversation, message) => {
  const read = (): unknown => readLocomo([{ conversation, qa: [] }]);
  expect(read).toThrow(DataError);
  expect(read).toThrow(message);
});

test('another JSON is refused', () => {
  expect(() => readLocomo([{ a: 1 }])).toThrow(/not LoCoMo's JSON/);
});
