import { expect, test } from 'vitest';
import type { HeldTurn } from './turn-cache.js';
import { TurnCache } from './turn-cache.js';

const turns = (count: number, length: number): HeldTurn[] =>
  Array.from({ length: count }, (_, turn) => ({
    view: { id: `1-${turn}`, session: 's', turn, text: 'x'.repeat(length), time: '2026-03-02T10:00:00.000Z' },
    ordinal: turn,
    expiresMs: Infinity,
  }));
const held = (scope: number, list: readonly HeldTurn[]) => ({
  scope,
  revision: 0,
  nextOrdinal: list.length,
  steps: 0,
  turns: list,
  isWhole: true,
});

test('of a long conversation the latest turns are held, and it is known that there are more', () => {
  const cache = new TurnCache({ bytes: 80_000 });
  cache.hold('long', held(1, turns(100, 350)));
  const found = cache.find('long');
  expect(found?.turns.map(({ view }) => view.turn)).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
  expect(found?.isWhole).toBe(false);
  cache.hold('short', held(1, turns(3, 350)));
  expect(cache.find('short')).toMatchObject({ isWhole: true, nextOrdinal: 3 });
});

test('however many conversations there are, no more is held than is allowed', () => {
  const cache = new TurnCache({ conversations: 40, bytes: 80_000 });
  for (let n = 0; n < 200; n++) {
    cache.hold(`${n}`, held(n, turns(1 + (n % 7), 350)));
    expect(cache.conversations).toBeLessThanOrEqual(40);
    expect(cache.bytes).toBeLessThanOrEqual(80_000);
  }
  expect([cache.find('199') === undefined, cache.find('0')]).toEqual([false, undefined]);
  cache.forget(199);
  expect(cache.find('199')).toBeUndefined();
});
