import { describe, expect, it } from 'vitest';
import { reference } from '../../test/support/metric-fixtures.js';
import { porterStem } from './porter-stemmer.js';

describe('the Porter stemmer', () => {
  it('gives the stems of NLTK', () => {
    expect(reference.stems.length).toBeGreaterThan(500);
    const stems = reference.stems.map(([word]) => [word, porterStem(word)]);
    expect(stems).toEqual(reference.stems);
  });

  it('leaves words of one or two letters as they are', () => {
    expect(['', 'a', 'is', 'by'].map(porterStem)).toEqual(['', 'a', 'is', 'by']);
  });
});
