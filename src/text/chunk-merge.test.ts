import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeLabels, mergeSpans, poolProbabilities, sourceSpan } from './chunk-merge.js';
import { chunkText } from './chunks.js';

const bytes = { encode: (text: string) => Int32Array.from(Buffer.from(text)) };
const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
const options = fc.record({ maxTokens: fc.integer({ min: 30, max: 60 }), overlapTokens: fc.nat(29) });
/** Every code point of a text, as a tagger sees its tokens. */
function codePoints(text: string): { start: number; end: number }[] {
  let end = 0;
  return Array.from(text, (character) => ({ start: end, end: (end += character.length) }));
}

describe('results of chunks', () => {
  it('map back to identical text of the source', () => {
    fc.assert(
      fc.property(anyText, options, (source, options) => {
        for (const chunk of chunkText(source, bytes, options)) {
          for (const span of codePoints(chunk.text)) {
            const { start, end } = sourceSpan(chunk, span);
            expect(source.slice(start, end)).toBe(chunk.text.slice(span.start, span.end));
          }
        }
      }),
    );
  });

  it('label every character of the source exactly once, in order', () => {
    fc.assert(
      fc.property(anyText, options, (source, options) => {
        const results = [...chunkText(source, bytes, options)].map((chunk) => ({
          chunk,
          labels: codePoints(chunk.text).map(({ start, end }) => ({
            start,
            end,
            probabilities: [0.25, 0.75],
          })),
        }));
        const merged = mergeLabels(results);
        expect(merged.map(({ start, end }) => ({ start, end }))).toEqual(codePoints(source));
        for (const { probabilities } of merged) expect(Array.from(probabilities)).toEqual([0.25, 0.75]);
      }),
    );
  });

  it('weigh a label by its distance from the edge of the chunk', () => {
    const label = (start: number, probabilities: number[]) => ({ start, end: start + 1, probabilities });
    const merged = mergeLabels([
      { chunk: { start: 0, freshStart: 0, end: 10 }, labels: [label(9, [1, 0])] },
      { chunk: { start: 7, freshStart: 10, end: 20 }, labels: [label(2, [0, 1])] },
    ]);
    // One from the edge weighs 1, the other has 2 characters before it and weighs 3.
    expect(merged).toEqual([{ start: 9, end: 10, probabilities: Float64Array.of(0.25, 0.75) }]);
  });

  it('pool probabilities by the text that each chunk adds', () => {
    const results = [
      { chunk: { start: 0, freshStart: 0, end: 30 }, probabilities: [0.9, 0.1] },
      { chunk: { start: 20, freshStart: 30, end: 40 }, probabilities: [0.1, 0.9] },
    ];
    const rounded = (values: Float64Array): number[] =>
      Array.from(values, (value) => Number(value.toFixed(6)));
    expect(rounded(poolProbabilities(results))).toEqual([0.7, 0.3]);
    // 0.9^0.75 * 0.1^0.25 = 3^1.5 * 0.1, against 0.1^0.75 * 0.9^0.25 = 3^0.5 * 0.1: three to one.
    expect(rounded(poolProbabilities(results, 'geometric-mean'))).toEqual([0.75, 0.25]);
    expect(rounded(poolProbabilities(results, 'max'))).toEqual([0.5, 0.5]);
    const never = [
      { ...results[0], probabilities: [1, 0] },
      { ...results[1], probabilities: [0, 1] },
    ] as typeof results;
    expect(rounded(poolProbabilities(never, 'geometric-mean'))).toEqual([0.5, 0.5]);
  });

  it('keep the best answers, one of those that overlap, by positions in the source', () => {
    const source = 'Ada was born in London. She wrote programs in London.';
    const results = [
      {
        chunk: { start: 0, freshStart: 0, end: 24 },
        spans: [
          { start: 16, end: 22, score: 3 },
          { start: 0, end: 3, score: 1 },
        ],
      },
      {
        chunk: { start: 16, freshStart: 24, end: 53 },
        spans: [
          { start: 0, end: 6, score: 2 },
          { start: 30, end: 36, score: 2.5 },
        ],
      },
    ];
    const merged = mergeSpans(results);
    expect(merged.map(({ start, end, score }) => [source.slice(start, end), start, score])).toEqual([
      ['London', 16, 3],
      ['London', 46, 2.5],
      ['Ada', 0, 1],
    ]);
    expect(mergeSpans(results, 1)).toEqual(merged.slice(0, 1));
  });
});
