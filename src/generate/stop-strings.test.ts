// Checks that text ends before stop strings, however it arrives.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopStrings } from './stop-strings.js';

/** Everything that passes when the text comes in the given pieces. */
function passed(pieces: readonly string[], stops: readonly string[]): string {
  const filter = new StopStrings(stops);
  return pieces.map((piece) => filter.push(piece)).join('') + filter.end();
}

/** The definition: the shortest beginning of the text that ends with a stop string, without the longest such stop string. */
function cut(text: string, stops: readonly string[]): string {
  for (let end = 1; end <= text.length; end++) {
    const lengths = stops.filter((stop) => text.slice(0, end).endsWith(stop)).map((stop) => stop.length);
    if (lengths.length > 0) return text.slice(0, end - Math.max(...lengths));
  }
  return text;
}

describe('stop strings', () => {
  it('end the text where they begin, also across pieces', () => {
    expect(passed(['one\n\ntwo'], ['\n\n'])).toBe('one');
    expect(passed(['one\n', '\ntwo'], ['\n\n'])).toBe('one');
    expect(passed(['one', ' two'], ['\n\n'])).toBe('one two');
  });

  it('hold back what may become one, and release what does not', () => {
    const filter = new StopStrings(['END.']);
    expect(filter.push('the E')).toBe('the ');
    expect(filter.push('N')).toBe('');
    expect(filter.push('EN')).toBe('EN');
    expect(filter.push('D')).toBe('');
    expect(filter.stopped).toBe(false);
    expect(filter.push('. More')).toBe('');
    expect(filter.stopped).toBe(true);
    expect(filter.push('and more')).toBe('');
    expect(filter.end()).toBe('');
  });

  it('release what was held back when the text ends', () => {
    const filter = new StopStrings(['END']);
    expect(filter.push('the E')).toBe('the ');
    expect(filter.end()).toBe('E');
  });

  it('count by what is complete first', () => {
    expect(passed(['abcd'], ['abcd', 'bc'])).toBe('a');
    expect(passed(['abcd'], ['c', 'abc'])).toBe('');
  });

  it('pass the same text however it is cut', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), maxLength: 5 });
    const stops = fc.array(
      word.filter((text) => text !== ''),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), stops, (pieces, stops) => {
        expect(passed(pieces, stops)).toBe(cut(pieces.join(''), stops));
      }),
      { numRuns: 1000 },
    );
  });

  it('that are empty are refused', () => {
    expect(() => new StopStrings(['a', ''])).toThrow('A stop string is empty');
  });
});
