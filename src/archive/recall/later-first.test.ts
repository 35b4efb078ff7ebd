import { expect, test } from 'vitest';
import { laterFirst } from './later-first.js';
import type { Recollection } from './recall.js';

function said(
  text: string,
  time: string,
  terms: Readonly<Record<string, number>>,
  speaker = 'Ann',
): Recollection {
  const parts = { freshness: 1, fused: 1, validity: 1, diversity: 1, later: 1 };
  return {
    item: { id: text, kind: 'episode', user: 'u', text, time, speaker, tokens: 1, repeats: 0, sources: [] },
    score: 1 / Number(time.slice(-2)),
    parts,
    terms: Object.entries(terms).map(([term, score]) => ({ term, score })),
    neighbours: [],
  };
}
const order = (results: readonly Recollection[]): string[] =>
  laterFirst(results).map(({ item }) => item.text);

const old = said('everybody wears red', '2025-01-01', { everybody: 1, wear: 3, wedding: 3 });
const changed = said('change of plan: all wear blue', '2025-06-02', { wear: 3, wedding: 3 });

test('what says the same later comes first, and keeps the scores in order', () => {
  expect(order([old, changed])).toEqual([changed.item.text, old.item.text]);
  const [first, second] = laterFirst([old, changed]);
  expect(first?.score).toBeGreaterThan(second?.score ?? Infinity);
  expect(first?.score).toBeCloseTo(changed.score * (first?.parts.later ?? 0), 10);
});

test.each([
  ['earlier', said('they wore blue', '2024-06-02', { wear: 3, wedding: 3 })],
  [
    'about something else',
    said('everybody laughed at the wedding', '2025-06-02', { everybody: 1, wedding: 3 }),
  ],
  ['said by someone else', said('all wear blue', '2025-06-02', { wear: 3, wedding: 3 }, 'Ben')],
  ['alike in one word', said('a blue wedding', '2025-06-02', { wedding: 3 })],
  ['alike in the name only', said('ann in blue at a wedding', '2025-06-02', { wedding: 3, ann: 1 })],
  ['a question', said('what do we wear?', '2025-06-02', { wear: 3, wedding: 3 })],
])('what is %s stays where it is', (_, other) => {
  expect(order([old, other])).toEqual([old.item.text, other.item.text]);
});

test('only the first three change places', () => {
  const between = [1, 2].map((n) => said(`filler ${n}`, '2024-01-03', { other: 1 }));
  expect(order([old, ...between, changed])).toEqual([old, ...between, changed].map(({ item }) => item.text));
  expect(laterFirst([])).toEqual([]);
});
