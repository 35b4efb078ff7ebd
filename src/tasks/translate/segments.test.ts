// What is translated at once: lines, sentences, chunks; and that everything is, once.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { segmentsOf } from './segments.js';

/** A token a character. */
const encoder = { beginning: (text: string) => [...text].map((_, i) => i), longestSource: 30 };
const textsOf = (text: string, usual: number): string[] =>
  segmentsOf(text, encoder, usual).map(({ start, end }) => text.slice(start, end));

describe('segmentsOf', () => {
  it('takes usual lines whole, longer ones by sentence, and cuts what cannot be read', () => {
    expect(textsOf('One. Two.\n\n  Three.  ', 20)).toEqual(['One. Two.', 'Three.']);
    expect(textsOf('One dog. Two dogs run.', 12)).toEqual(['One dog.', 'Two dogs run.']);
    const parts = textsOf(`${'word '.repeat(20)}end.`, 12);
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.every((part) => part.length < 30)).toBe(true);
  });

  it('reads Chinese sentence by sentence', () => {
    expect(textsOf('房间很大。早餐不错！', 6)).toEqual(['房间很大。', '早餐不错！']);
  });

  it('leaves out white space and nothing else, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 120 }), (text) => {
        const spans = segmentsOf(text, encoder, 12);
        let at = 0;
        for (const { start, end } of spans) {
          expect(text.slice(at, start).trim()).toBe('');
          expect(end).toBeGreaterThanOrEqual(start);
          at = end;
        }
        expect(text.slice(at).trim()).toBe('');
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});
