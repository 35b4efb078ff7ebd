import { describe, expect, it } from 'vitest';
import { DataError } from '../core/errors.js';
import { bitsPerByte, perplexity } from './perplexity.js';

describe('perplexity', () => {
  it('of a uniform guess among 27 letters is 27', () => {
    expect(perplexity(Math.log(27))).toBeCloseTo(27, 12);
  });

  it('of certainty is 1', () => {
    expect(perplexity(0)).toBe(1);
  });
});

describe('bits per byte', () => {
  it('of a uniform guess among 256 bytes is 8', () => {
    expect(bitsPerByte(10 * Math.log(256), 10)).toBeCloseTo(8, 12);
  });

  it('is half as large when a token that costs the same stands for twice as many bytes', () => {
    expect(bitsPerByte(3, 8)).toBe(bitsPerByte(3, 4) / 2);
  });

  it('of a text without bytes is an error that says so', () => {
    expect(() => bitsPerByte(1, 0)).toThrow(DataError);
    expect(() => bitsPerByte(1, 0)).toThrow('0 bytes');
    expect(() => bitsPerByte(1, Number.NaN)).toThrow(DataError);
  });
});
