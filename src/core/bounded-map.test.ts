import { expect, test } from 'vitest';
import { BoundedMap } from './bounded-map.js';

test('what was set longest ago goes when there are too many entries or bytes', () => {
  const map = new BoundedMap<number>({ entries: 3, bytes: 100 });
  for (const [key, bytes] of [
    ['a', 10],
    ['b', 20],
    ['c', 30],
  ] as const)
    map.set(key, bytes, bytes);
  map.set('a', 11, 11);
  map.set('d', 40, 40);
  expect([map.has('b'), map.get('a'), map.get('c'), map.get('d')]).toEqual([false, 11, 30, 40]);
  expect([map.size, map.bytes]).toEqual([3, 81]);
  map.set('e', 50, 50);
  expect([map.has('c'), map.has('a'), map.size, map.bytes]).toEqual([false, false, 2, 90]);
  map.set('huge', 1, 101);
  expect([map.size, map.bytes]).toEqual([0, 0]);
});

test('entries are deleted by key or by what they hold', () => {
  const map = new BoundedMap<string>({ entries: 10 });
  for (const key of ['a 1', 'a 2', 'b 1']) map.set(key, key, 5);
  map.deleteWhere((key) => key.startsWith('a'));
  expect([map.size, map.bytes, map.get('b 1')]).toEqual([1, 5, 'b 1']);
  map.delete('nothing');
  map.delete('b 1');
  expect([map.size, map.bytes]).toEqual([0, 0]);
});
