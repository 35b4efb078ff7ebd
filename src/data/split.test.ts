import { expect, it } from 'vitest';
import { ConfigError } from '../core/errors.js';
import { splitTokens } from './split.js';
import { tokensInMemory } from './tokens.js';

it('splits tinyshakespeare as nanoGPT does', () => {
  // nanoGPT, data/shakespeare_char/readme.md: train.bin has 1,003,854 tokens, val.bin has 111,540 tokens.
  const { train, validation } = splitTokens(tokensInMemory(new Uint16Array(1_115_394)), 0.1);
  expect([train.count, validation.count]).toEqual([1_003_854, 111_540]);
});

it('gives every token to one side, in order', async () => {
  const { train, validation } = splitTokens(tokensInMemory(Int32Array.from([0, 1, 2, 3, 4, 5, 6])), 0.3);
  const ids = [new Int32Array(train.count), new Int32Array(validation.count)];
  await train.read(0, ids[0] ?? new Int32Array());
  await validation.read(0, ids[1] ?? new Int32Array());
  expect(ids.map((side) => Array.from(side))).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6],
  ]);
});

it('lets all tokens train when nothing validates', () => {
  const { train, validation } = splitTokens(tokensInMemory(new Int32Array(7)), 0);
  expect([train.count, validation.count]).toEqual([7, 0]);
});

it.each([1, -0.1, 10, NaN])('refuses the fraction %d', (fraction) => {
  expect(() => splitTokens(tokensInMemory(new Int32Array(7)), fraction)).toThrow(ConfigError);
});
