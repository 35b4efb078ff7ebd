import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactMatch, normalizeAnswer, tokenF1 } from './squad.js';
import { scoreCorpus, scoreSegments } from './text-metric.js';

describe('an answer', () => {
  it.each([
    ['The  Eiffel-Tower, (Paris)!', 'eiffeltower paris'],
    ['an apple a day', 'apple day'],
    ['Theory of a thé', 'theory of thé'],
    ['the_a 3.5', 'thea 35'],
    ['“quoted”', '“quoted”'],
  ])('%j is normalized to %j', (text, expected) => {
    expect(normalizeAnswer(text)).toBe(expected);
  });
});

describe('exact match and token F1', () => {
  it('count a prediction that differs only by articles, case and punctuation as right', () => {
    const [hypotheses, references] = [
      ['The Cat.', 'a dog'],
      [['dog', 'cat'], 'wolf'],
    ];
    expect(scoreSegments(exactMatch(), hypotheses, references).map(({ score }) => score)).toEqual([1, 0]);
    expect(scoreCorpus(exactMatch(), hypotheses, references).score).toBe(0.5);
  });

  it('give partial credit for shared words', () => {
    expect(scoreCorpus(tokenF1(), ['big cat cat'], ['small cat'])).toEqual({ score: 0.4 });
  });

  it('take an empty reference as "no answer"', () => {
    expect(scoreSegments(tokenF1(), ['', 'x', 'the'], ['', '', '']).map(({ score }) => score)).toEqual([
      1, 0, 1,
    ]);
    expect(scoreSegments(exactMatch(), ['', ''], [['', 'cat'], 'cat']).map(({ score }) => score)).toEqual([
      0, 0,
    ]);
  });

  it('agree on a text with itself, and F1 is at least exact match', () => {
    const text = fc.array(fc.constantFrom('a', 'The', 'cat', 'dog!', '')).map((list) => list.join(' '));
    fc.assert(
      fc.property(text, text, (hypothesis, reference) => {
        const f1 = scoreCorpus(tokenF1(), [hypothesis], [reference]).score;
        expect(f1).toBeGreaterThanOrEqual(scoreCorpus(exactMatch(), [hypothesis], [reference]).score);
        expect(scoreCorpus(exactMatch(), [hypothesis], [hypothesis]).score).toBe(1);
        expect(f1).toBeLessThanOrEqual(1);
      }),
    );
  });
});
