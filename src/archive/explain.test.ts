import { expect, test } from 'vitest';
import type { Explained } from './explain.js';
import { explain } from './explain.js';
import { explanationLanguages } from './explain-words.js';

/** Has every part that a score can have. */
const found: Explained = {
  item: {
    id: '3-14',
    kind: 'fact',
    time: '2026-01-05',
    supersededAt: '2026-02-01',
    sources: ['3-12', '3-13'],
    fact: {
      subject: 's',
      attribute: 'a',
      value: 'v',
      negated: false,
      confidence: 0.9,
      validFrom: '2026-01-05',
      validTo: '2026-02-01',
    },
  },
  score: 0.0612,
  parts: {
    text: { rank: 1, score: 2.5, context: 0.25, speaker: 1.5, fact: 1 },
    vector: { rank: 2, similarity: 0.625 },
    date: { rank: 3 },
    freshness: 0.75,
    fused: 0.1,
    validity: 0.7,
    diversity: 0.9,
    later: 1.1,
  },
  terms: [{ term: '里斯本', score: 2.5 }],
};

test.each(explanationLanguages)('every part of a score is said with its numbers, in %s', (language) => {
  const lines = explain(found, language);
  expect(lines).toHaveLength(10);
  for (const [line, numbers] of [
    [0, ['3-14', '2026-01-05', '0.0612']],
    [1, ['1 / (20 + 1) = 0.0476', '2.50', '里斯本 2.50', '0.25', '1.5']],
    [2, ['0.7 / (20 + 2) = 0.0318', '0.625']],
    [3, ['1 / (20 + 3) = 0.0435']],
    [4, ['0.75']],
    [5, ['2026-02-01', '-30.0 %']],
    [6, ['-10.0 %']],
    [7, ['+10.0 %']],
    [8, ['3-12', '3-13']],
    [9, ['2026-01-05', '2026-02-01', '0.90']],
  ] as const)
    for (const number of numbers) expect(lines[line]).toContain(number);
});

test('a Chinese explanation has no English word, an English one no Chinese but the terms', () => {
  expect(explain(found, 'zh').join('\n').replaceAll('BM25', '')).not.toMatch(/[a-z]{2}/i);
  expect(explain(found, 'en').join('\n').replaceAll('里斯本', '')).not.toMatch(/\p{Script=Han}/u);
});

test('parts that a score does not have are not spoken of', () => {
  const { text: _text, vector: _vector, date: _date, ...rest } = found.parts;
  const parts = { ...rest, validity: 1, diversity: 1, later: 1 };
  const { id, kind, time } = found.item;
  const lines = explain({ ...found, item: { id, kind, time, sources: [] }, parts });
  expect(lines).toEqual([
    '3-14 (fact, 2026-01-05) scores 0.0612',
    'freshness: 0.75 (halves every half year, counted in the ranks)',
  ]);
});
