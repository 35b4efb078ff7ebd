import { describe, expect, it } from 'vitest';
import { mapLeaves, zipTrees } from './tree.js';

describe('zipTrees', () => {
  it('pairs leaves by path, whatever the order of keys', () => {
    const first = { blocks: [{ a: 1, b: 2 }], head: 3 };
    const second = { head: 30, blocks: [{ b: 20, a: 10 }] };
    expect(zipTrees<number, number, string>(first, second, (a, b, path) => `${path} ${a + b}`)).toEqual({
      blocks: [{ a: 'blocks.0.a 11', b: 'blocks.0.b 22' }],
      head: 'head 33',
    });
  });

  it('refuses a second tree that lacks a leaf', () => {
    expect(() => zipTrees({ a: 1, b: 2 }, { a: 1 }, () => 0)).toThrow('has no leaf "b"');
  });
});

describe('mapLeaves', () => {
  it('keeps the structure, empty branches included', () => {
    expect(mapLeaves([{ a: 1 }, {}, [2]], (leaf: number) => -leaf)).toEqual([{ a: -1 }, {}, [-2]]);
  });
});
