import { expect, test } from 'vitest';
import { EpisodeWriter } from './episodes.js';

test('episodes are the same for the same seed, however they are cut', () => {
  const [whole, cut] = [new EpisodeWriter(1), new EpisodeWriter(1)];
  expect(whole.next(50)).toEqual([...cut.next(20), ...cut.next(30)]);
  expect(new EpisodeWriter(2).next(1)).not.toEqual(new EpisodeWriter(1).next(1));
});

test('some words are frequent and most are rare, and hardly a text is said twice', () => {
  const texts = new EpisodeWriter(1).next(2000).map(({ text }) => text);
  expect(new Set(texts).size).toBe(texts.length);
  const counts = new Map<string, number>();
  for (const word of texts.flatMap((text) => text.split(' '))) counts.set(word, (counts.get(word) ?? 0) + 1);
  const falling = [...counts.values()].sort((a, b) => b - a);
  expect(falling[0]).toBeGreaterThan(100);
  expect(falling.filter((count) => count < 5).length).toBeGreaterThan(falling.length / 2);
});
